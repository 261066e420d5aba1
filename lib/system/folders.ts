import { isAbsolute, join } from 'node:path';
import type { Environment } from './surroundings.ts';

/** Where otop keeps what it notes and writes, never opencode's folders (XDG base directory specification 0.8). */
export function stateFolder(env: Environment, homeDir: string): string {
  return join(xdgFolder(env.XDG_STATE_HOME, join(homeDir, '.local', 'state')), 'otop');
}

/** Where otop finds what the person decided: the configuration, and the token of `otop serve`. */
export function configFolder(env: Environment, homeDir: string): string {
  return join(xdgFolder(env.XDG_CONFIG_HOME, join(homeDir, '.config')), 'otop');
}

/** XDG says that a relative one is to be ignored: what it means would depend on where a program was started. */
export function xdgFolder(set: string | undefined, usual: string): string {
  return set !== undefined && isAbsolute(set) ? set : usual;
}
