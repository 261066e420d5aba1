import type { Row } from '../domain/board/board.ts';
import { paneHere } from '../domain/process/whereabouts.ts';
import type { SharedViewedTimes } from '../monitor/viewed-times.ts';
import type { Clock, Timer } from '../system/clock.ts';

/** What the dashboard notes of a person's looks. */
export interface ViewedRecord {
  /** The person looked at a session. */
  note(sessionId: string): void;
  /** A pane that a tmux client shows now is being looked at: its session's end is no news, also once it is left. */
  notePanes(rows: readonly Row[]): void;
  /** Writes what changed, and nothing more from now on; the simulated fleet's is not kept. */
  close(): void;
}

/** Other otops, a serve above all, know of a look within this time. */
const saveAfterMs = 1000;

/**
 * Keeps the times that a person looked. The first dashboard ever on a machine begins the record: what ended before it is
 * not unread. A disk that is full costs the record, not the dashboard.
 */
export function viewedRecord(times: SharedViewedTimes, clock: Clock): ViewedRecord {
  let planned: Timer | undefined;
  let changed = times.begin(clock.nowMs());
  const save = () => {
    planned = undefined;
    if (!changed) return;
    changed = false;
    try {
      times.save();
    } catch {
      // A full or read-only disk: the next look, or the end, tries again.
      changed = true;
    }
  };
  const note = (sessionId: string) => {
    times.note(sessionId, clock.nowMs());
    changed = true;
    planned ??= clock.after(saveAfterMs, save);
  };
  if (changed) planned = clock.after(saveAfterMs, save);
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
      planned?.cancel();
      save();
    },
  };
}
