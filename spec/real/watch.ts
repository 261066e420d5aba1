import { setTimeout as sleep } from 'node:timers/promises';
import { readSessions, sessionWithWord } from './database-truth.ts';
import { type Follower, startFollower } from './follower.ts';
import { judge, steadyMs, type Verdict } from './judge.ts';
import { randomFrom } from './random.ts';
import type { Pane, Rig } from './rig.ts';
import { scenes } from './scenes.ts';
import { ghostsAmong } from './score.ts';
import type { Stage } from './stage.ts';

/** The share of states that must be right (issue 5, item 4). */
const wantedShare = 0.99;
/** How often all rows are sampled. */
const sampleMs = 250;
/** A pane is looked at this often, or a little less: only then it is known that it had not changed when sampled. */
const paneLagMs = 200;

/** Plays one scene after the other in a pane until the time is over, each for a few seconds. */
async function wander(stage: Stage, pane: Pane, random: () => number, endMs: number): Promise<void> {
  while (Date.now() < endMs) {
    const scene = scenes[Math.floor(random() * scenes.length)];
    if (scene === undefined) return;
    try {
      await scene.begin(stage.rig, pane);
      await sleep(1500 + random() * 4000);
      await scene.end?.(stage.rig, pane);
    } catch (error) {
      stage.report.note(`pane ${pane.index}, ${scene.name}: ${String(error)}`);
    }
  }
}

/** The session of each word that was typed, asked of the database only until it has one: a word never moves. */
function sessionFinder({ sandbox }: Rig): (word: string) => Promise<string | undefined> {
  const known = new Map<string, string>();
  return async (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const found = sessionWithWord(await readSessions(sandbox.databasePath, sandbox.root), word);
    if (found !== undefined) known.set(word, found.id);
    return found?.id;
  };
}

/** One sample of the rows that otop tells at this moment, of every pane that shows the same long enough. */
async function sample(
  rig: Rig,
  follower: Follower,
  sessionOf: (word: string) => Promise<string | undefined>,
): Promise<readonly Verdict[]> {
  const atMs = Date.now();
  const rows = follower.rows();
  await sleep(paneLagMs);
  const verdicts: Verdict[] = [];
  for (const pane of rig.panes) {
    const view = rig.watcher.view(pane);
    if (view === undefined || view.expected.length === 0 || view.atMs <= atMs) continue;
    if (view.sinceMs > atMs - steadyMs) continue;
    const sessionId = pane.word === undefined ? pane.sessionId : await sessionOf(pane.word);
    // Typed, and in no session that could be read: the truth is what is missing.
    if (pane.word !== undefined && sessionId === undefined) continue;
    const truth = { pid: rig.pidOf(pane), sessionId, view, readings: [] };
    verdicts.push(judge(pane, truth, rows, undefined, 'strict'));
  }
  return verdicts;
}

function tell({ report }: Stage, samples: readonly Verdict[]): void {
  const wrong = new Map<string, number>();
  for (const { line, problems } of samples) {
    const told = `${line}: ${problems.join(', ')}`;
    if (problems.length > 0) wrong.set(told, (wrong.get(told) ?? 0) + 1);
  }
  for (const [told, times] of wrong) report.note(`${times} times ${told}`);
  const share = (what: string, right: number, of: number, wanted: number) =>
    report.check(of > 0 && right >= of * wanted, `through transitions: ${right} of ${of} ${what}`);
  const typed = samples.filter((each) => each.typed);
  const own = typed.filter(({ matched }) => matched).length;
  share('prompted processes had their own session', own, typed.length, 1);
  const certain = samples.filter(({ confidence }) => confidence === 'certain');
  share('certain matches were right', certain.filter(({ matched }) => matched).length, certain.length, 1);
  const judged = samples.filter(({ state }) => state !== undefined);
  const right = judged.filter(({ state }) => state === 'right').length;
  share('states were right', right, judged.length, wantedShare);
}

/**
 * Lets all panes wander from scene to scene and samples a running otop all the time: each prompted process must have
 * its own session, no certain match may be wrong, nothing may be at work without a process, and 99 % of the states must
 * be right. A pane that changed less than 1.5 s ago is not held against its row.
 */
export async function watchTransitions(stage: Stage, seed: number, seconds: number): Promise<void> {
  const { rig, report } = stage;
  const follower = await startFollower(rig);
  const sessionOf = sessionFinder(rig);
  const endMs = Date.now() + seconds * 1000;
  const wandering = rig.panes.map((pane) => wander(stage, pane, randomFrom(seed * 100 + pane.index), endMs));
  const samples: Verdict[] = [];
  while (Date.now() < endMs) {
    const verdicts = await sample(rig, follower, sessionOf);
    report.sampled(verdicts);
    report.ghosts(ghostsAmong(follower.rows(), rig));
    samples.push(...verdicts);
    await sleep(sampleMs - paneLagMs);
  }
  await Promise.all(wandering);
  follower.stop();
  tell(stage, samples);
}
