import { join } from 'node:path';
import type { Row } from '../domain/board/board.ts';
import { paneHere } from '../domain/process/whereabouts.ts';
import type { Clock, Timer } from '../system/clock.ts';
import { fileFingerprint, readPlainFile } from '../system/files.ts';
import { stateFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment } from '../system/surroundings.ts';

/** When the user last viewed each session; this decides between `unread` and `idle`. */
export interface ViewedTimes {
  /** When a dashboard was first opened on this machine; sessions that ended earlier are not unread. */
  readonly baselineMs: number;
  readonly bySession: ReadonlyMap<string, number>;
}

/** The maximum number of sessions in the file; older ones are dropped and then count as viewed at the baseline. */
const maxSessions = 1000;
/** Clocks of machines that share a home directory differ by up to this. */
const clockSlackMs = 60_000;

/** The path of the file with the times. */
export function viewedPath(env: Environment, homeDir: string): string {
  return join(stateFolder(env, homeDir), 'viewed.json');
}

/**
 * Reads the times. Returns undefined if the file does not exist or is not valid; then no session is unread, since
 * otop cannot know better.
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
 * Writes the times atomically (a new file, renamed over the old one), readable by the owner only.
 * Throws the file system's error; the old file then stays.
 */
export function writeViewedTimes(path: string, times: ViewedTimes): void {
  const newest = [...times.bySession].sort((a, b) => b[1] - a[1]).slice(0, maxSessions);
  const text = JSON.stringify({ baselineMs: times.baselineMs, sessions: Object.fromEntries(newest) });
  writeOwnedFile(path, `${text}\n`);
}

/**
 * The times, shared by all otop processes of this machine: each one merges the entries of the others before it
 * writes. Only the oldest entries above `maxSessions` and times in the future are dropped. Without a path (the
 * simulated fleet) the times stay in memory.
 */
export class SharedViewedTimes {
  readonly #path: string | undefined;
  readonly #mayRead: () => boolean;
  readonly #bySession = new Map<string, number>();
  #baselineMs: number | undefined;
  /** The latest of all times. */
  #latestMs = 0;
  /** The fingerprint of the file at the last read. */
  #fingerprint: string | undefined;

  /** `mayRead` is called before each file access; if it returns false, the file is not accessed. */
  constructor(path: string | undefined, times?: ViewedTimes, mayRead = () => true) {
    this.#path = path;
    this.#mayRead = mayRead;
    if (times !== undefined) this.#merge(times);
    this.refresh();
  }

  /**
   * Sessions that ended before this are not unread. Undefined if no dashboard was ever opened: no session is unread
   * then.
   */
  get baselineMs(): number | undefined {
    return this.#baselineMs;
  }

  get bySession(): ReadonlyMap<string, number> {
    return this.#bySession;
  }

  /** Merges the entries that others wrote; costs one system call if the file did not change. */
  refresh(): void {
    if (this.#path === undefined || !this.#mayRead()) return;
    const fingerprint = fileFingerprint(this.#path);
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    const times = readViewedTimes(this.#path);
    if (times !== undefined) this.#merge(times);
  }

  /** Removes times in the future, which a clock that ran ahead has left. */
  dropFuture(nowMs: number): void {
    const latestMs = nowMs + clockSlackMs;
    if (this.#latestMs <= latestMs) return;
    for (const [sessionId, atMs] of this.#bySession) if (atMs > latestMs) this.#bySession.delete(sessionId);
    if (this.#baselineMs !== undefined) this.#baselineMs = Math.min(nowMs, this.#baselineMs);
    this.#latestMs = Math.max(0, this.#baselineMs ?? 0, ...this.#bySession.values());
  }

  /** Sets the baseline if there is none. Returns true if it did. */
  begin(nowMs: number): boolean {
    if (this.#baselineMs !== undefined) return false;
    this.#baselineMs = nowMs;
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    return true;
  }

  /** Records that the user viewed a session; an earlier time than the recorded one is ignored. */
  note(sessionId: string, atMs: number): void {
    this.#bySession.set(sessionId, Math.max(atMs, this.#bySession.get(sessionId) ?? 0));
    this.#latestMs = Math.max(this.#latestMs, atMs);
  }

  /** Writes all times. Throws the file system's error; the old file then stays. */
  save(): void {
    if (this.#path === undefined || this.#baselineMs === undefined) return;
    if (!this.#mayRead()) throw new Error('the file system of the file does not answer');
    this.refresh();
    writeViewedTimes(this.#path, { baselineMs: this.#baselineMs, bySession: this.#bySession });
  }

  /** Merges other times: the earlier baseline and the later view of each session win. */
  #merge({ baselineMs, bySession }: ViewedTimes): void {
    this.#baselineMs = Math.min(baselineMs, this.#baselineMs ?? baselineMs);
    this.#latestMs = Math.max(this.#latestMs, this.#baselineMs);
    for (const [sessionId, atMs] of bySession) this.note(sessionId, atMs);
  }
}

/** Records which sessions the user has viewed in the dashboard. */
export interface ViewedRecord {
  /** Records that the user has just viewed a session. */
  note(sessionId: string): void;
  /** Records the idle sessions whose tmux pane is in front now: the user has seen that they ended. */
  notePanes(rows: readonly Row[]): void;
  /** Writes pending changes, and cancels the timer. Nothing is written for the simulated fleet. */
  close(): void;
}

/** The delay before a write; other otop processes (for example `serve`) see the change after it. */
const saveAfterMs = 1000;

/**
 * Returns the record of viewed sessions. The first dashboard on a machine sets the baseline: sessions that ended
 * before it are not unread. A failed write does not stop the dashboard.
 */
export function viewedRecord(times: SharedViewedTimes, clock: Clock): ViewedRecord {
  let saveTimer: Timer | undefined;
  let isChanged = times.begin(clock.nowMs());
  const save = () => {
    saveTimer = undefined;
    if (!isChanged) return;
    isChanged = false;
    try {
      times.save();
    } catch {
      // A full or read-only disk: the next change, or `close`, retries.
      isChanged = true;
    }
  };
  const note = (sessionId: string) => {
    times.note(sessionId, clock.nowMs());
    isChanged = true;
    saveTimer ??= clock.after(saveAfterMs, save);
  };
  if (isChanged) saveTimer = clock.after(saveAfterMs, save);
  return {
    note,
    notePanes(rows) {
      for (const row of rows) {
        const { session, state } = row;
        if (session === undefined || state.name !== 'idle' || paneHere(row)?.active !== true) continue;
        const viewedAtMs = times.bySession.get(session.id) ?? times.baselineMs ?? 0;
        if ((state.sinceMs ?? 0) > viewedAtMs) note(session.id);
      }
    },
    close() {
      saveTimer?.cancel();
      save();
    },
  };
}
