import { isAbsolute, join } from 'node:path';
import type { Environment, Surroundings } from './surroundings.ts';

/** The kinds of folders of the XDG base directory specification 0.8: the variable, and the folder of the home without it. */
const xdgKinds = {
  config: ['XDG_CONFIG_HOME', '.config'],
  data: ['XDG_DATA_HOME', '.local/share'],
  state: ['XDG_STATE_HOME', '.local/state'],
  cache: ['XDG_CACHE_HOME', '.cache'],
} as const;

/**
 * The folder below which programs have their own: what the environment names, else the usual one of the home. An empty
 * or a relative name is ignored, as the specification says: what it means would depend on where a program was started.
 */
export function xdgFolder(kind: keyof typeof xdgKinds, { env, homeDir }: Surroundings): string {
  const [variable, usual] = xdgKinds[kind];
  return named(env[variable]) ?? join(homeDir, usual);
}

/** The home, and the folders that the environment puts elsewhere. */
export function homeFolders({ env, homeDir }: Surroundings): readonly string[] {
  return [homeDir, ...Object.values(xdgKinds).flatMap(([variable]) => named(env[variable]) ?? [])];
}

/** Where otop keeps what it notes and writes, never opencode's folders. */
export function stateFolder(env: Environment, homeDir: string): string {
  return join(xdgFolder('state', { env, homeDir }), 'otop');
}

/** Where otop finds what the person decided: the configuration, and the token of `otop serve`. */
export function configFolder(env: Environment, homeDir: string): string {
  return join(xdgFolder('config', { env, homeDir }), 'otop');
}

function named(folder: string | undefined): string | undefined {
  return folder !== undefined && isAbsolute(folder) ? folder : undefined;
}
