import type { Row } from './domain/board.ts';
import { paneHere } from './domain/elsewhere.ts';
import type { OpenMonitor } from './open-monitor.ts';
import { writeViewedTimes } from './sources/viewed.ts';

/** What the dashboard notes of a person's looks. */
export interface ViewedRecord {
  /** The person looked at a session; true where that makes a difference to what was known. */
  note(sessionId: string, atMs: number): boolean;
  /** A pane that a tmux client shows now is being looked at: its session's end is no news. */
  notePanes(rows: readonly Row[], atMs: number): boolean;
  /** Writes what changed; the simulated fleet's is not kept. */
  save(): void;
}

/**
 * Keeps `viewed.times` up to date. The first dashboard ever on a machine begins the record: what ended before it is
 * not unread. A disk that is full costs the record, not the dashboard.
 */
export function viewedRecord(viewed: OpenMonitor['viewed'], nowMs: number): ViewedRecord {
  let changed = viewed.times === undefined;
  const times = new Map(viewed.times?.bySession);
  viewed.times = { baselineMs: viewed.times?.baselineMs ?? nowMs, bySession: times };
  const note = (sessionId: string, atMs: number) => {
    times.set(sessionId, atMs);
    changed = true;
    return true;
  };
  return {
    note,
    notePanes(rows, atMs) {
      const shown = rows.filter((row) => paneHere(row)?.active === true && row.state.unread);
      for (const { session } of shown) if (session) note(session.id, atMs);
      return shown.length > 0;
    },
    save() {
      if (!changed || viewed.path === undefined) return;
      changed = false;
      try {
        writeViewedTimes(viewed.path, viewed.times ?? { baselineMs: nowMs, bySession: times });
      } catch {
        // A full or read-only disk: at the next start these sessions are unread once more.
        changed = true;
      }
    },
  };
}
