import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOwnedFile } from './owned-file.ts';
import { stateFolder } from './state-folder.ts';

/** When a person last looked at each session: what tells `unread` from `idle`. */
export interface ViewedTimes {
  /** Before this nothing is unread: the moment the dashboard was first opened on this machine. */
  readonly baselineMs: number;
  readonly bySession: ReadonlyMap<string, number>;
}

/** Sessions remembered at the most; older looks are forgotten, and then count as the baseline. */
const capacity = 1000;

/** Where the times lie. */
export function viewedPath(env: Readonly<Record<string, string | undefined>>, homeDir: string): string {
  return join(stateFolder(env, homeDir), 'viewed.json');
}

/**
 * Reads the times; undefined where there are none yet or the file is not ours to understand: then nothing is
 * unread, which is the honest default.
 */
export function readViewedTimes(path: string): ViewedTimes | undefined {
  let stored: unknown;
  try {
    stored = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { baselineMs, sessions } = stored as { baselineMs?: unknown; sessions?: unknown };
  if (typeof baselineMs !== 'number' || typeof sessions !== 'object' || sessions === null) return undefined;
  const times = Object.entries(sessions).filter((entry): entry is [string, number] =>
    Number.isFinite(entry[1]),
  );
  return { baselineMs, bySession: new Map(times) };
}

/**
 * Writes the times as a whole (a new file, renamed over the old one), for the owner only.
 * Throws what the file system says; the old file stays.
 */
export function writeViewedTimes(path: string, times: ViewedTimes): void {
  const newest = [...times.bySession].sort((a, b) => b[1] - a[1]).slice(0, capacity);
  const text = JSON.stringify({ baselineMs: times.baselineMs, sessions: Object.fromEntries(newest) });
  writeOwnedFile(path, `${text}\n`);
}
