import { existsSync, readdirSync } from 'node:fs';
import { readSessions, type SessionTruth, sessionWithWord } from './database-truth.ts';
import { type Judging, judge, steadyMs, type Verdict } from './judge.ts';
import { type OtopRow, otopRows, type Surroundings } from './otop.ts';
import type { Pane, Rig } from './rig.ts';

/** Rows with a working state but without a live process, as text. */
export type Ghosts = readonly string[];

/** The score of one run of otop. */
export interface Score {
  readonly verdicts: readonly Verdict[];
  readonly ghosts: Ghosts;
}

function sessionOf(pane: Pane, sessions: readonly SessionTruth[]): SessionTruth | undefined {
  if (pane.word !== undefined) return sessionWithWord(sessions, pane.word);
  return sessions.find((session) => session.id === pane.sessionId);
}

/**
 * Runs otop once and compares each pane's row with the truth. Skips panes that changed within the last 1.5 s or while
 * otop ran, since their right state is unknown.
 */
export async function score(
  rig: Rig,
  surroundings: Surroundings,
  judging: (pane: Pane) => Judging = () => 'strict',
): Promise<Score> {
  const before = await readSessions(rig.sandbox.databasePath, rig.sandbox.root);
  const startMs = Date.now();
  const livedBefore = new Set(readdirSync('/proc'));
  const steady = rig.panes.filter((pane) => {
    const view = rig.watcher.view(pane);
    return view !== undefined && view.expected.length > 0 && startMs - view.sinceMs > steadyMs;
  });
  const rows = await otopRows(rig, surroundings);
  const after = await readSessions(rig.sandbox.databasePath, rig.sandbox.root);
  const verdicts = steady.flatMap((pane) => {
    const view = rig.watcher.view(pane);
    if (view === undefined || view.sinceMs > startMs - steadyMs) return [];
    const session = sessionOf(pane, after);
    const earlier = before.find((each) => each.id === session?.id);
    const readings = [session, earlier].filter((each) => each !== undefined);
    const truth = { pid: rig.pidOf(pane), sessionId: session?.id, view, readings };
    return [judge(pane, truth, rows, surroundings, judging(pane))];
  });
  return { verdicts, ghosts: ghostsAmong(rows, rig, livedBefore) };
}

/** The states of a session at work, asks included. */
export const working: ReadonlySet<string> = new Set([
  'generating',
  'thinking',
  'tool use',
  'compacting',
  'retrying',
  'queued',
  'asking',
]);

/**
 * Returns the rig's rows with a working state whose process is neither in `livedBefore` nor alive now. Ignores rows of
 * other sessions on the machine, which may end at any time.
 */
export function ghostsAmong(
  rows: readonly OtopRow[],
  { sandbox }: Rig,
  livedBefore: ReadonlySet<string> = new Set(),
): Ghosts {
  return rows.flatMap(({ pid, session }) => {
    if (session === null || !working.has(session.status)) return [];
    if (session.directory?.startsWith(sandbox.root) !== true) return [];
    if (pid === null) return [`${session.id} ${session.status}`];
    const lives = livedBefore.has(`${pid}`) || existsSync(`/proc/${pid}`);
    return lives ? [] : [`${session.id} ${session.status}, pid ${pid}`];
  });
}
