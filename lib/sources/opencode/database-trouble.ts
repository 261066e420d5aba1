import type { Trouble } from '../../domain/board/board.ts';
import { shortPath } from '../../system/short-path.ts';
import { sanitize } from '../../text/sanitize.ts';
import type { SnapshotProblem, SnapshotProblemKind } from '../sqlite/problem.ts';

/** Damaged sessions that are named in one line. */
const mostNamed = 5;

/** What to do about a database that cannot be read. */
const remedies: Readonly<Record<SnapshotProblemKind, string>> = {
  missing: 'Start opencode there, or name another database with --db PATH.',
  denied: 'Run otop as the user that runs opencode, or allow reading the file.',
  'not-sqlite': 'Name opencode’s own database with --db PATH.',
  empty: 'opencode fills it when it starts; if it does not, move the file away.',
  truncated:
    'It was cut off, by a full disk or a copy that was not finished: restore it, or move it away and restart opencode.',
  corrupt: 'Check it with: sqlite3 FILE "pragma integrity_check".',
  busy: 'otop goes on trying.',
  'too-large': 'Check it with: sqlite3 FILE "pragma integrity_check".',
  io: 'Check the disk and the file system.',
  schema: 'otop reads the tables of opencode 1.2 to 1.18 and 2: update otop if this opencode is newer.',
  engine: 'otop goes on trying; if this stays, start it again.',
};

/** What a writer that makes or fills the database at this moment looks like, too. */
const passing: ReadonlySet<SnapshotProblemKind> = new Set(['busy', 'empty', 'truncated', 'schema', 'engine']);

/** One database's problem in words: which one, what is wrong, what to do. */
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

/** No database anywhere: where otop looked, and what to do. */
export function noDatabase(paths: readonly string[], homeDir: string): Trouble {
  const places = paths.map((path) => shortPath(path, homeDir)).join(', ');
  const text = `No opencode database yet: looked for ${places}. Start opencode 1.2 or newer, or name one with --db PATH.`;
  return { source: 'database', text: sanitize(text) };
}

/** Only the JSON files that opencode kept before 1.2 were found. */
export function jsonStorage(folder: string, homeDir: string): Trouble {
  const text = `${shortPath(folder, homeDir)} holds sessions as JSON files, as opencode before 1.2 kept them; otop reads the database of 1.2 and newer. Start opencode 1.2 or newer once: it moves them over.`;
  return { source: 'database', text: sanitize(text) };
}

/** What is left out because its rows cannot be read: these sessions, or, where none is known by name, some. */
export function damagedRows(path: string, ids: readonly string[], homeDir: string): Trouble {
  const named = ids.slice(0, mostNamed).join(', ');
  const others = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : '';
  const what =
    ids.length === 0
      ? 'damaged pages; sessions or parts of the sums may be missing'
      : `damaged rows of ${named}${others}; the other sessions are shown`;
  const text = `${shortPath(path, homeDir)}: ${what}. ${remedies.corrupt}`;
  return { source: 'database', text: sanitize(text) };
}
