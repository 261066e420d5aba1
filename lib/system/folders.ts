import { isAbsolute, join } from 'node:path';
import type { Environment, Surroundings } from './surroundings.ts';

/** The folders of the XDG base directory specification 0.8: the variable, and the default below the home folder. */
const xdgKinds = {
  config: ['XDG_CONFIG_HOME', '.config'],
  data: ['XDG_DATA_HOME', '.local/share'],
  state: ['XDG_STATE_HOME', '.local/state'],
  cache: ['XDG_CACHE_HOME', '.cache'],
} as const;

/**
 * Returns an XDG folder: the one of the environment, else the default one below the home folder. Ignores an empty or a
 * relative path, as the specification says, since it would depend on the current folder.
 */
export function xdgFolder(kind: keyof typeof xdgKinds, { env, homeDir }: Surroundings): string {
  const [variable, defaultPath] = xdgKinds[kind];
  return ifAbsolute(env[variable]) ?? join(homeDir, defaultPath);
}

/** Returns the folders of the user's files: the home folder and the XDG folders of the environment. */
export function homeFolders({ env, homeDir }: Surroundings): readonly string[] {
  return [homeDir, ...Object.values(xdgKinds).flatMap(([variable]) => ifAbsolute(env[variable]) ?? [])];
}

/** Returns the folder for files that otop writes, which is never opencode's. */
export function stateFolder(env: Environment, homeDir: string): string {
  return join(xdgFolder('state', { env, homeDir }), 'otop');
}

/** Returns the folder of otop's configuration and of the token of `otop serve`. */
export function configFolder(env: Environment, homeDir: string): string {
  return join(xdgFolder('config', { env, homeDir }), 'otop');
}

function ifAbsolute(folder: string | undefined): string | undefined {
  return folder !== undefined && isAbsolute(folder) ? folder : undefined;
}
