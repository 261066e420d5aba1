import { join } from 'node:path';
import { fileFingerprint, readPlainFile } from '../system/files.ts';
import { stateFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment } from '../system/surroundings.ts';

/** When a person last looked at each session: what tells `unread` from `idle`. */
export interface ViewedTimes {
  /** Before this nothing is unread: the moment the dashboard was first opened on this machine. */
  readonly baselineMs: number;
  readonly bySession: ReadonlyMap<string, number>;
}

/** Sessions remembered at the most; older looks are forgotten, and then count as the baseline. */
const capacity = 1000;
/** Machines that share a home do not agree to the second. */
const clockSlackMs = 60_000;

/** Where the times lie. */
export function viewedPath(env: Environment, homeDir: string): string {
  return join(stateFolder(env, homeDir), 'viewed.json');
}

/**
 * Reads the times; undefined where there are none yet or the file is not ours to understand: then nothing is
 * unread, which is the honest default.
 */
export function readViewedTimes(path: string): ViewedTimes | undefined {
  let stored: unknown;
  try {
    stored = JSON.parse(readPlainFile(path));
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

/**
 * The times as all otops of this machine know them: each looks whether another one wrote the file, and none takes away
 * what another one noted. Without a path, as for the simulated fleet, they are kept in memory alone.
 */
export class SharedViewedTimes {
  readonly #path: string | undefined;
  readonly #mayRead: () => boolean;
  readonly #bySession = new Map<string, number>();
  #baselineMs: number | undefined;
  /** The last time that is known. */
  #latestMs = 0;
  /** Of the file that was read last. */
  #fingerprint: string | undefined;

  /** `mayRead` is asked before the file is touched. */
  constructor(path: string | undefined, times?: ViewedTimes, mayRead = () => true) {
    this.#path = path;
    this.#mayRead = mayRead;
    if (times !== undefined) this.#take(times);
    this.refresh();
  }

  /** Before this nothing is unread; undefined where no dashboard was ever opened: then nothing is. */
  get baselineMs(): number | undefined {
    return this.#baselineMs;
  }

  get bySession(): ReadonlyMap<string, number> {
    return this.#bySession;
  }

  /** Takes what others wrote: one system call where they did not. */
  refresh(): void {
    if (this.#path === undefined || !this.#mayRead()) return;
    const fingerprint = fileFingerprint(this.#path);
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    const times = readViewedTimes(this.#path);
    if (times !== undefined) this.#take(times);
  }

  /** A clock that was ahead left looks that lie ahead: they would count until that time comes. */
  forgetAhead(nowMs: number): void {
    const latestMs = nowMs + clockSlackMs;
    if (this.#latestMs <= latestMs) return;
    for (const [sessionId, atMs] of this.#bySession) if (atMs > latestMs) this.#bySession.delete(sessionId);
    if (this.#baselineMs !== undefined) this.#baselineMs = Math.min(nowMs, this.#baselineMs);
    this.#latestMs = Math.max(0, this.#baselineMs ?? 0, ...this.#bySession.values());
  }

  /** Begins the record where there is none; true where it did. */
  begin(nowMs: number): boolean {
    if (this.#baselineMs !== undefined) return false;
    this.#baselineMs = nowMs;
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    return true;
  }

  note(sessionId: string, atMs: number): void {
    this.#bySession.set(sessionId, Math.max(atMs, this.#bySession.get(sessionId) ?? 0));
    this.#latestMs = Math.max(this.#latestMs, atMs);
  }

  /** Writes all that is known. Throws what the file system says; the old file stays. */
  save(): void {
    if (this.#path === undefined || this.#baselineMs === undefined) return;
    if (!this.#mayRead()) throw new Error('its file system does not answer');
    this.refresh();
    writeViewedTimes(this.#path, { baselineMs: this.#baselineMs, bySession: this.#bySession });
  }

  /** The record begins with the earliest dashboard, and of two looks the later one counts. */
  #take({ baselineMs, bySession }: ViewedTimes): void {
    this.#baselineMs = Math.min(baselineMs, this.#baselineMs ?? baselineMs);
    this.#latestMs = Math.max(this.#latestMs, this.#baselineMs);
    for (const [sessionId, atMs] of bySession) this.note(sessionId, atMs);
  }
}
