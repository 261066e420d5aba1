import { join } from 'node:path';
import type { Board, Row } from '../domain/board/board.ts';
import { errorCode, readPlainFile } from '../system/files.ts';
import { stateFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment, Surroundings } from '../system/surroundings.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { inspectPlugin, pluginPath } from './installation.ts';

/** By then servers and markers have answered, which make the plugin needless. */
const settledMs = 5000;
const words = 'otop plugin install: waiting permissions then show at once  (Esc)';

/** The path of the file with the hints that this user has seen, in the state folder. */
export function hintsPath(env: Environment, homeDir: string): string {
  return join(stateFolder(env, homeDir), 'hints.json');
}

/**
 * Returns a function that takes each Board of the screen and returns the hint at the plugin, once in the life of the
 * state folder: when a session runs here of which opencode reports nothing, and no trouble needs the line. It returns
 * undefined if the plugin is installed, and if the state folder cannot be written, since the hint would then come back
 * with every start. `mayRead` is false while the home's file system does not respond.
 */
export function pluginHint(
  surroundings: Surroundings,
  mayRead: () => boolean = () => true,
): (board: Board) => DisplayText | undefined {
  let isDecided = false;
  let firstAtMs: number | undefined;
  return ({ atMs, rows, troubles }) => {
    firstAtMs ??= atMs;
    if (
      isDecided ||
      atMs - firstAtMs < settledMs ||
      troubles.length > 0 ||
      !rows.some(isUnreported) ||
      !mayRead()
    )
      return undefined;
    isDecided = true;
    return isWanted(surroundings) ? sanitize(words) : undefined;
  };
}

/** True for a session that runs here, but neither the plugin nor a server says so. */
function isUnreported({ process, session, match, elsewhere }: Row): boolean {
  if (process === undefined || session === undefined || elsewhere !== undefined) return false;
  return match?.evidence !== 'marker' && match?.evidence !== 'server';
}

/** True if the hint is new and remembered from now on. */
function isWanted(surroundings: Surroundings): boolean {
  const path = hintsPath(surroundings.env, surroundings.homeDir);
  try {
    if (inspectPlugin(pluginPath(surroundings)).kind !== 'absent' || hasSeen(path)) return false;
    writeOwnedFile(path, `${JSON.stringify({ seen: ['plugin'] })}\n`);
    return true;
  } catch {
    // The plugin's place cannot be read, or the state folder cannot be written.
    return false;
  }
}

/** False if there is no such file. Throws if it cannot be read; a damaged one counts as seen. */
function hasSeen(path: string): boolean {
  try {
    return readPlainFile(path) !== '';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
