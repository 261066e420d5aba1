import { join, resolve } from 'node:path';
import { xdgFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';

/** What decides where opencode's databases are. */
export interface DatabaseSurroundings extends Surroundings {
  readonly cwd: string;
  /** `--db PATH`: this database and no other. */
  readonly flag?: string;
  /** Databases that live processes hold open, absolute. */
  readonly held: readonly string[];
  /** Names of the files in a folder; none where it cannot be listed. */
  readonly filesIn: (folder: string) => readonly string[];
  /** A path without symbolic links; the path itself where that cannot be had. */
  readonly realPath: (path: string) => string;
}

/** Where databases are or will be. */
export interface DatabasePlaces {
  /** Absolute and each file once, the default one first; a path need not exist yet. */
  readonly paths: readonly string[];
  /** True where a person named the database: that it is missing is worth saying whatever else is there. */
  readonly named: boolean;
  /** opencode's data folder, where the databases are and older versions kept JSON files. */
  readonly dataFolder: string;
}

/**
 * The databases to read. `--db` alone if given. Else `OPENCODE_DB` (absolute, or relative to the data folder; `:memory:` is
 * no file), or `opencode.db` and the other channels' `opencode-*.db` in the data folder (`$XDG_DATA_HOME/opencode`, else
 * `~/.local/share/opencode`, on macOS too: opencode follows XDG there), as opencode 1.18.33 itself decides; and always
 * those that live processes hold open, wherever they are.
 */
export function databasePlaces(surroundings: DatabaseSurroundings): DatabasePlaces {
  const { flag, cwd, held, realPath } = surroundings;
  const dataFolder = dataFolderOf(surroundings);
  if (flag !== undefined) return { paths: [realPath(resolve(cwd, flag))], named: true, dataFolder };
  const chosen = surroundings.env.OPENCODE_DB ?? '';
  const own = chosen === '' ? channelDatabases(surroundings, dataFolder) : chosenDatabase(chosen, dataFolder);
  const paths = [...new Set([...own, ...held].map(realPath))];
  return { paths, named: chosen !== '' && own.length > 0, dataFolder };
}

function dataFolderOf({ env, homeDir }: DatabaseSurroundings): string {
  return join(xdgFolder(env.XDG_DATA_HOME, join(homeDir, '.local', 'share')), 'opencode');
}

function chosenDatabase(chosen: string, dataFolder: string): string[] {
  return chosen === ':memory:' ? [] : [resolve(dataFolder, chosen)];
}

function channelDatabases({ filesIn }: DatabaseSurroundings, dataFolder: string): string[] {
  const channels = filesIn(dataFolder).filter((name) => /^opencode-[a-zA-Z0-9._-]+\.db$/.test(name));
  return ['opencode.db', ...[...channels].sort()].map((name) => join(dataFolder, name));
}
