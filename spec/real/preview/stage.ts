import { setTimeout as sleep } from 'node:timers/promises';
import { type Follower, startFollower } from '../follower.ts';
import { steadyMs, type Verdict } from '../judge.ts';
import type { RigOptions } from '../options.ts';
import { type OtopRow, otopRows, otopWaiting } from '../otop.ts';
import type { Report } from '../report.ts';
import { ghostsAmong, working } from '../score.ts';
import type { Actor } from './actor.ts';
import { judge } from './judge.ts';
import type { PreviewRig } from './rig.ts';
import { readStored } from './truth.ts';

/** The preview's rig, and functions that compare otop's output with the truth. */
export interface PreviewStage {
  readonly preview: PreviewRig;
  readonly report: Report;
  /** A running `otop sessions --watch`. */
  readonly follower: Follower;
  /**
   * Waits until every actor is steady and judges all of them by one `otop sessions --all` and by the running one; also
   * whom `otop waiting` lists.
   */
  judge(heading: string): Promise<void>;
  /** Checks the rows of both outputs, with tries over some seconds until all checks pass. */
  expect(checks: readonly Check[]): Promise<void>;
}

/** A test of otop's rows, and what it says in words. */
interface Check {
  readonly what: string;
  readonly test: (rows: readonly OtopRow[]) => boolean;
}

/** How long otop has for a change that `expect` waits for. */
const changeMs = 4_000;

/** Creates a stage on a rig of the preview; with `truthOnly` it prints the truth and does not run otop. */
export async function createPreviewStage(
  preview: PreviewRig,
  report: Report,
  { truthOnly }: RigOptions,
): Promise<PreviewStage> {
  const { rig, actors, observer, service } = preview;
  const follower: Follower = truthOnly ? { rows: () => [], stop: () => undefined } : await startFollower(rig);
  return {
    preview,
    report,
    follower,
    async judge(heading) {
      const steady = ({ sinceMs, expected }: { sinceMs: number; expected: readonly string[] }): boolean =>
        expected.length > 0 && Date.now() - sinceMs > steadyMs + 200;
      for (const actor of actors) await preview.until(actor, 'the same for a while', steady);
      if (truthOnly) return printTruth(heading, preview, report);
      const startMs = Date.now();
      const pid = await service.pid();
      const before = await readStored(rig.sandbox);
      const [once, waiting] = await Promise.all([
        otopRows(rig, 'tmux'),
        otopWaiting(rig).catch((error: unknown) => String(error)),
      ]);
      const outputs = { once, watching: follower.rows() };
      const after = await readStored(rig.sandbox);
      const verdictOf = (actor: Actor, rows: readonly OtopRow[]): readonly Verdict[] => {
        const view = observer.view(actor);
        if (view === undefined || view.sinceMs > startMs - steadyMs) return [];
        const readings = [after, before].flatMap((stored) => stored.get(actor.sessionId) ?? []);
        return [judge(actor, { pid, view, readings }, rows)];
      };
      for (const [name, rows] of Object.entries(outputs)) {
        const verdicts = actors.flatMap((actor) => verdictOf(actor, rows));
        report.verdicts(`${heading} (${name})`, verdicts);
        report.ghosts(ghostsAmong(rows, rig));
        for (const stranger of strangersAmong(rows, preview))
          report.check(false, `AT WORK BY MISTAKE: ${stranger}`);
        const missed = actors.length - verdicts.length;
        if (missed > 0) report.note(`${missed} sessions changed while otop ran and were not judged`);
      }
      if (typeof waiting === 'string') report.check(false, `otop waiting: ${waiting}`);
      else checkWaiting(waiting, preview, report);
    },
    async expect(checks) {
      if (truthOnly) return checks.forEach(({ what }) => void report.note(`to be expected: ${what}`));
      const outputs = { once: () => otopRows(rig, 'tmux'), watching: async () => follower.rows() };
      const readings = Object.entries(outputs).map(async ([name, rowsNow]) => {
        const endMs = Date.now() + changeMs;
        let rows = await rowsNow();
        while (!checks.every(({ test }) => test(rows)) && Date.now() < endMs) {
          await sleep(300);
          rows = await rowsNow();
        }
        return { name, rows };
      });
      for (const { name, rows } of await Promise.all(readings)) {
        for (const { what, test } of checks) report.check(test(rows), `${what} (${name})`);
        if (checks.every(({ test }) => test(rows))) continue;
        for (const row of ownRows(rows, preview)) report.note(brief(row));
      }
    },
  };
}

function printTruth(heading: string, { actors, observer }: PreviewRig, report: Report): void {
  report.note(heading);
  for (const actor of actors) {
    const view = observer.view(actor);
    report.note(
      `session ${actor.index} ${actor.word ?? '-'} ${actor.sessionId} ${view?.expected.join('|')} ${view?.active ? 'at work' : 'at rest'}`,
    );
  }
}

/** Returns the rows of sessions in the sandbox, which may stand beside sessions of others on this machine. */
function ownRows(rows: readonly OtopRow[], { rig }: PreviewRig): readonly OtopRow[] {
  return rows.filter(({ session }) => session?.directory?.startsWith(rig.sandbox.root) === true);
}

/** Returns rows with a working state whose session no actor plays, as text. */
export function strangersAmong(rows: readonly OtopRow[], preview: PreviewRig): readonly string[] {
  const known = new Set(preview.actors.map(({ sessionId }) => sessionId));
  return ownRows(rows, preview)
    .filter(({ session }) => session !== null && working.has(session.status) && !known.has(session.id))
    .map(brief);
}

/**
 * Checks that `otop waiting` lists every session that asks, and otherwise only ones that failed: whether a failure at rest
 * needs somebody is otop's to decide.
 */
function checkWaiting(waiting: readonly OtopRow[], preview: PreviewRig, report: Report): void {
  const { actors, observer } = preview;
  const listed = new Set(ownRows(waiting, preview).map(({ session }) => session?.id));
  const states = (actor: Actor): readonly string[] => observer.view(actor)?.expected ?? [];
  const isAsking = (actor: Actor) => states(actor).some((state) => state.startsWith('asking'));
  const mayBeListed = (actor: Actor) =>
    isAsking(actor) || states(actor).some((state) => state === 'error' || state === 'truncated');
  const left = actors.filter((actor) => isAsking(actor) && !listed.has(actor.sessionId));
  const wrong = actors.filter((actor) => !mayBeListed(actor) && listed.has(actor.sessionId));
  const words = [...left.map(({ index }) => `not ${index}`), ...wrong.map(({ index }) => `but ${index}`)];
  const asking = actors.filter(isAsking).map(({ index }) => index);
  report.check(
    words.length === 0,
    `otop waiting lists ${[`sessions ${asking.join(' ') || '-'}`, ...words].join(', ')}`,
  );
}

function brief({ pid, match, session }: OtopRow): string {
  return `${session?.id} ${session?.status} at ${pid} (${match?.why ?? 'no match'})`;
}
