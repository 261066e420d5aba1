import { join, resolve } from 'node:path';
import type { Trouble } from '../../domain/board/board.ts';
import { shortPath } from '../../system/files.ts';
import { xdgFolder } from '../../system/folders.ts';
import type { Surroundings } from '../../system/surroundings.ts';
import { sanitize } from '../../text/sanitize.ts';
import type { SnapshotProblem, SnapshotProblemKind } from '../sqlite/problem.ts';

/** The number of damaged sessions named in one line. */
const maxNamed = 5;

/** The advice for each problem of a database. */
const remedies: Readonly<Record<SnapshotProblemKind, string>> = {
  missing: 'Start opencode there, or name another database with --db PATH.',
  denied: 'Run otop as the user that runs opencode, or allow reading the file.',
  'not-sqlite': 'Name opencode’s own database with --db PATH.',
  empty: 'opencode fills it when it starts; if it does not, move the file away.',
  truncated:
    'A full disk or an unfinished copy cut it off: restore it, or move it away and restart opencode.',
  corrupt: 'Check it with: sqlite3 FILE "pragma integrity_check".',
  busy: 'otop keeps trying.',
  'too-large': 'Check it with: sqlite3 FILE "pragma integrity_check".',
  io: 'Check the disk and the file system.',
  schema: 'otop reads the tables of opencode 1.2 to 1.18 and 2: update otop if this opencode is newer.',
  engine: 'otop keeps trying; if this does not go away, restart otop.',
};

/** Problems that also occur while a writer creates or fills the database. */
const passing: ReadonlySet<SnapshotProblemKind> = new Set(['busy', 'empty', 'truncated', 'schema', 'engine']);

/**
 * The trouble for a database that cannot be read: which one, what is wrong, what to do. `staleSinceMs` is in epoch ms.
 */
export function troubleOf(
  path: string,
  problem: SnapshotProblem,
  homeDir: string,
  staleSinceMs?: number,
): Trouble {
  const shown = shortPath(path, homeDir);
  const words = problem.words.replaceAll(path, shown);
  const subject = words.includes(shown) ? words : `${shown}: ${words}`;
  const text = sanitize(`${subject}. ${remedies[problem.kind]}`);
  return {
    source: 'database',
    text,
    ...(passing.has(problem.kind) && { passing: true }),
    ...(staleSinceMs === undefined ? {} : { staleSinceMs }),
  };
}

/** The trouble if there is no database: the paths that were tried, and what to do. `named`: the user named it. */
export function noDatabase(paths: readonly string[], homeDir: string, named: boolean): Trouble {
  const places = paths.map((path) => sanitize(shortPath(path, homeDir)));
  const text = `No opencode database yet: looked for ${places.join(', ')}. Start opencode 1.2 or newer, or name one with --db PATH.`;
  return { source: 'database', text: sanitize(text), ...(!named && { lookedFor: places }) };
}

/** The trouble if there are only JSON files of opencode before 1.2. */
export function jsonStorage(folder: string, homeDir: string): Trouble {
  const text = `${shortPath(folder, homeDir)} holds sessions as JSON files, the format of opencode before 1.2; otop reads only the database of 1.2 and newer. Start opencode 1.2 or newer once: it moves them into its database.`;
  return { source: 'database', text: sanitize(text) };
}

/** The trouble if rows are damaged. Names the sessions in `ids`; if there are none, says that some may be missing. */
export function damagedRows(path: string, ids: readonly string[], homeDir: string): Trouble {
  const named = ids.slice(0, maxNamed).join(', ');
  const others = ids.length > maxNamed ? ` and ${ids.length - maxNamed} more` : '';
  const what =
    ids.length === 0
      ? 'damaged pages; sessions or parts of the sums may be missing'
      : `damaged rows of ${named}${others}; the other sessions are shown`;
  const text = `${shortPath(path, homeDir)}: ${what}. ${remedies.corrupt}`;
  return { source: 'database', text: sanitize(text) };
}

/** The environment that decides where opencode's databases are. */
export interface DatabaseSurroundings extends Surroundings {
  readonly cwd: string;
  /** The path of `--db PATH`: read this database and no other. */
  readonly flag?: string;
  /** The absolute paths of databases that live processes hold open. */
  readonly held: readonly string[];
  /** The names of the files in a folder; none if it cannot be listed. */
  readonly filesIn: (folder: string) => readonly string[];
  /** Resolves symbolic links; returns the path itself if it cannot be resolved. */
  readonly realPath: (path: string) => string;
}

/** The paths of existing and expected databases. */
export interface DatabasePlaces {
  /** Absolute paths, each file once, the default one first. A file need not exist yet. */
  readonly paths: readonly string[];
  /** True if the user named the database: it is then always a trouble if it is missing. */
  readonly named: boolean;
  /** opencode's data folder, which holds the databases and the JSON files of older versions. */
  readonly dataFolder: string;
}

/**
 * The databases to read: `--db` alone if given; else `OPENCODE_DB` (absolute, or relative to the data folder;
 * `:memory:` is no file), or `opencode.db` and the other channels' `opencode-*.db` in the data folder
 * (`$XDG_DATA_HOME/opencode`, else `~/.local/share/opencode`, also on macOS), by the rules of opencode 1.18.33
 * (opencode.md, "Database path"). Without `--db`, the databases that live processes hold open are added.
 */
export function databasePlaces(surroundings: DatabaseSurroundings): DatabasePlaces {
  const { flag, cwd, held, realPath } = surroundings;
  const dataFolder = join(xdgFolder('data', surroundings), 'opencode');
  if (flag !== undefined) return { paths: [realPath(resolve(cwd, flag))], named: true, dataFolder };
  const chosen = surroundings.env.OPENCODE_DB ?? '';
  const own = chosen === '' ? channelDatabases(surroundings, dataFolder) : chosenDatabase(chosen, dataFolder);
  const paths = [...new Set([...own, ...held].map(realPath))];
  return { paths, named: chosen !== '' && own.length > 0, dataFolder };
}

function chosenDatabase(chosen: string, dataFolder: string): string[] {
  return chosen === ':memory:' ? [] : [resolve(dataFolder, chosen)];
}

function channelDatabases({ filesIn }: DatabaseSurroundings, dataFolder: string): string[] {
  const channels = filesIn(dataFolder).filter((name) => /^opencode-[a-zA-Z0-9._-]+\.db$/.test(name));
  return ['opencode.db', ...[...channels].sort()].map((name) => join(dataFolder, name));
}
