import type { Row } from '../domain/board/board.ts';
import { paneHere } from '../domain/process/whereabouts.ts';
import type { SharedViewedTimes } from '../monitor/viewed-times.ts';
import type { Clock, Timer } from '../system/clock.ts';

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
