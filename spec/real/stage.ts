import { setTimeout as sleep } from 'node:timers/promises';
import { readSessions, type SessionTruth, sessionWithWord } from './database-truth.ts';
import { steadyMs } from './judge.ts';
import type { RigOptions } from './options.ts';
import { type OtopRow, otopRows } from './otop.ts';
import { checkCertainty } from './plugin.ts';
import type { Report } from './report.ts';
import type { Pane, Rig } from './rig.ts';
import { score } from './score.ts';

/** Panes with weaker checks; see `Stage.judge`. */
export interface Leniency {
  readonly untold?: readonly Pane[];
  readonly contested?: readonly Pane[];
}

/** The rig, and functions that compare otop's output with the truth. */
export interface Stage {
  readonly rig: Rig;
  readonly report: Report;
  /** otop's plugin is installed. */
  readonly plugin: boolean;
  /**
   * Waits until every pane is steady and judges all of them, once as if inside tmux and once without tmux. `untold` are
   * the panes whose session only tmux reveals, `contested` those whose session another pane runs: their rows may be wrong,
   * but not certain and wrong.
   */
  judge(heading: string, leniency?: Leniency): Promise<void>;
  /** Checks otop's rows with a test, with a few tries over some seconds. */
  expect(what: string, test: (rows: readonly OtopRow[]) => boolean): Promise<void>;
  /** Resolves with the session whose prompt contains a word; rejects if there is none. */
  sessionOf(word: string): Promise<SessionTruth>;
}

/** Prints the truth about every pane, one line each. */
async function printTruth(rig: Rig, report: Report): Promise<void> {
  const sessions = await readSessions(rig.sandbox.databasePath, rig.sandbox.root);
  for (const pane of rig.panes) {
    const view = rig.watcher.view(pane);
    const session = pane.word === undefined ? undefined : sessionWithWord(sessions, pane.word);
    const { title } = await rig.tmux.describe(pane.id);
    const age = view === undefined ? '-' : `${((Date.now() - view.sinceMs) / 1000).toFixed(1)}s`;
    report.note(
      `pane ${pane.index} pid ${rig.pidOf(pane)} ${pane.word ?? '-'} ${session?.id ?? pane.sessionId ?? 'no session'} ` +
        `${view?.expected.join('|')} ${age} "${title}"`,
    );
  }
}

/** Waits until every pane is unchanged for long enough to be judged. */
async function allSteady(rig: Rig): Promise<void> {
  const steady = ({ sinceMs, expected }: { sinceMs: number; expected: readonly string[] }) =>
    expected.length > 0 && Date.now() - sinceMs > steadyMs + 300;
  for (const pane of rig.panes) await rig.until(pane, 'the same for a while', steady, 30_000);
}

/** Returns a short text of a row, for failed checks. */
function brief({ pid, kind, orphan, match, session }: OtopRow): string {
  const state = session === null ? 'no session' : `${session.id} ${session.status}`;
  return `pid ${pid} ${kind}${orphan === true ? ' orphan' : ''} ${state} (${match?.why ?? 'no match'})`;
}

/** Creates a stage on a rig; with `truthOnly` it prints the truth and does not run otop. */
export function createStage(rig: Rig, report: Report, options: RigOptions): Stage {
  const { truthOnly, plugin } = options;
  return {
    rig,
    report,
    plugin,
    async judge(heading, { untold = [], contested = [] } = {}) {
      await allSteady(rig);
      if (truthOnly) {
        report.note(heading);
        return printTruth(rig, report);
      }
      for (const surroundings of ['tmux', 'no tmux'] as const) {
        const honest = (pane: Pane) =>
          contested.includes(pane) || (surroundings === 'no tmux' && untold.includes(pane));
        const { verdicts, ghosts } = await score(rig, surroundings, (pane) =>
          honest(pane) ? 'honest' : 'strict',
        );
        report.verdicts(`${heading} (${surroundings})`, verdicts);
        report.ghosts(ghosts);
        if (plugin) checkCertainty(report, verdicts, surroundings);
        const missed = rig.panes.length - verdicts.length;
        if (missed > 0) report.note(`${missed} panes changed while otop ran and were not judged`);
      }
    },
    async expect(what, test) {
      if (truthOnly) return report.note(`to be expected: ${what}`);
      let rows: readonly OtopRow[] = [];
      for (let tries = 0; tries < 4; tries += 1) {
        rows = await otopRows(rig, 'tmux');
        if (test(rows)) return report.check(true, what);
        await sleep(700);
      }
      report.check(false, what);
      for (const row of rows) if (row.pid !== null) report.note(brief(row));
    },
    async sessionOf(word) {
      const session = sessionWithWord(await readSessions(rig.sandbox.databasePath, rig.sandbox.root), word);
      if (session === undefined) throw new Error(`no session holds ${word}`);
      return session;
    },
  };
}
