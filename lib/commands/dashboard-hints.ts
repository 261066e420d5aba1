import { join } from 'node:path';
import { localeWords } from '../../widgets/abilities.ts';
import type { Options } from '../config/options.ts';
import type { Board, Row } from '../domain/board/board.ts';
import { inspectPlugin, pluginPath } from '../plugin/installation.ts';
import type { Context } from '../system/context.ts';
import { errorCode, isWritable, readPlainFile, shortPath } from '../system/files.ts';
import { stateFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Surroundings } from '../system/surroundings.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';

// Hints on the screen: one line in the place of a notice, which Esc ends.

/** As long as the screen shows one. */
const betweenMs = 30_000;

/**
 * Returns the hints for the user of the screen, as a function of each Board: what this environment lacks at once, the
 * plugin later. `drawsAll` is true if all signs can be drawn, or the user does not want them. The demo has no hints.
 */
export function screenHints(
  { demo }: Options,
  context: Context,
  drawsAll: boolean,
): (board: Board) => DisplayText | undefined {
  if (demo) return () => undefined;
  const ofPlugin = pluginHint(context, context.filesystem?.mayRead);
  let isFirst = true;
  let freeAtMs = 0;
  return (board) => {
    // A trouble needs the line more.
    if (board.troubles.length > 0 || board.atMs < freeAtMs) return undefined;
    if (!isFirst) return ofPlugin(board);
    isFirst = false;
    const hint = environmentHint(context, drawsAll);
    if (hint !== undefined) freeAtMs = board.atMs + betweenMs;
    return hint;
  };
}

/**
 * Returns what otop has to do without here: a state folder at each start, UTF-8 once; undefined if it lacks nothing.
 * `drawsAll`: see `screenHints`.
 */
function environmentHint(context: Surroundings, drawsAll: boolean): DisplayText | undefined {
  const { env, homeDir } = context;
  const folder = stateFolder(env, homeDir);
  if (!isWritable(folder))
    return sanitize(
      `${shortPath(folder, homeDir)} cannot be written: what you view is not remembered  (Esc)`,
    );
  if (drawsAll || !isNewHint('ascii', context)) return undefined;
  return sanitize(`${localeWords(env)}: drawn in ASCII; set LANG=C.UTF-8 to see all signs  (Esc)`);
}

/** By then servers and markers have answered, which make the plugin needless. */
const settledMs = 5000;
const words = 'with `otop plugin install`, waiting permissions show at once  (Esc)';

/**
 * Returns a function that takes each Board of the screen and returns the hint at the plugin, once in the life of the
 * state folder: when a session runs here of which opencode reports nothing. It returns
 * undefined if the plugin is installed, and if the state folder cannot be written, since the hint would then come back
 * with every start. `mayRead` is false while the home's file system does not respond.
 */
function pluginHint(
  surroundings: Surroundings,
  mayRead: () => boolean = () => true,
): (board: Board) => DisplayText | undefined {
  let isDecided = false;
  let firstAtMs: number | undefined;
  return ({ atMs, rows }) => {
    firstAtMs ??= atMs;
    if (isDecided || atMs - firstAtMs < settledMs || !rows.some(isUnreported) || !mayRead()) return undefined;
    isDecided = true;
    return isAbsent(surroundings) && isNewHint('plugin', surroundings) ? sanitize(words) : undefined;
  };
}

/** True for a session that runs here, but neither the plugin nor a server says so. */
function isUnreported({ process, session, match, elsewhere }: Row): boolean {
  if (process === undefined || session === undefined || elsewhere !== undefined) return false;
  return match?.evidence !== 'marker' && match?.evidence !== 'server';
}

/** True if nothing is in the place of the plugin; false if that cannot be read. */
function isAbsent(surroundings: Surroundings): boolean {
  try {
    return inspectPlugin(pluginPath(surroundings)).kind === 'absent';
  } catch {
    // opencode cannot read it either; the doctor says so.
    return false;
  }
}

/** A hint that each user sees once. */
type HintName = 'plugin' | 'ascii';

/**
 * Records that the user sees a hint now. Returns false if it is not new, and if it cannot be recorded, since it would
 * then come back with every start. The names are in `hints.json` in the state folder.
 */
function isNewHint(name: HintName, { env, homeDir }: Surroundings): boolean {
  const path = join(stateFolder(env, homeDir), 'hints.json');
  try {
    const seen = seenHints(path);
    if (seen === undefined || seen.includes(name)) return false;
    writeOwnedFile(path, `${JSON.stringify({ seen: [...seen, name] })}\n`);
    return true;
  } catch {
    // The state folder cannot be read or written.
    return false;
  }
}

/** Returns the names in the file; undefined if it is not valid. Throws if it cannot be read. */
function seenHints(path: string): readonly unknown[] | undefined {
  let text: string;
  try {
    text = readPlainFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  const { seen } = (JSON.parse(text) ?? {}) as { readonly seen?: unknown };
  return Array.isArray(seen) ? seen : undefined;
}
