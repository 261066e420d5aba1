import { isAbsolute, join } from 'node:path';
import type { Environment } from './surroundings.ts';

/**
 * Where otop keeps what is its own, never opencode's folders. The XDG base directory specification 0.8 says that a
 * relative `XDG_STATE_HOME` is to be ignored.
 */
export function stateFolder(env: Environment, homeDir: string): string {
  const xdg = env.XDG_STATE_HOME ?? '';
  return join(isAbsolute(xdg) ? xdg : join(homeDir, '.local', 'state'), 'otop');
}
