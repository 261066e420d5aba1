import { setTimeout as sleep } from 'node:timers/promises';
import { readSessions, sessionWithWord } from './database-truth.ts';
import { type Follower, startFollower } from './follower.ts';
import { judge, steadyMs, type Verdict } from './judge.ts';
import { randomFrom } from './random.ts';
import type { Pane, Rig } from './rig.ts';
import { scenes } from './scenes.ts';
import { ghostsAmong } from './score.ts';
import type { Stage } from './stage.ts';

/** The minimum share of right states (issue 5, item 4). */
const wantedShare = 0.99;
/** How often chance alone may fail a program whose share is exactly the wanted one. */
const chance = 0.01;
/** Interval between samples of all rows. */
const sampleMs = 250;
/** Upper bound of a pane's poll interval: after this time it is known whether the pane had changed when sampled. */
const paneLagMs = 200;

/** Plays random scenes in a pane until `endMs`, each for a few seconds. */
async function playRandomScenes(
  stage: Stage,
  pane: Pane,
  random: () => number,
  endMs: number,
): Promise<void> {
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

/** Returns a function that finds the session of a word in the database, cached since the session of a word never changes. */
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

/** Judges otop's current rows for every pane that is unchanged for long enough. */
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
    // The prompt is typed but not yet in the database, so the truth is unknown.
    if (pane.word !== undefined && sessionId === undefined) continue;
    const truth = { pid: rig.pidOf(pane), sessionId, view, readings: [] };
    verdicts.push(judge(pane, truth, rows, undefined, 'strict'));
  }
  return verdicts;
}

/**
 * Returns how many of `of` samples may be wrong before the share of right ones is shown to lie below `share`: the
 * smallest count that a program of exactly that share exceeds with a probability of less than `chance` (binomial
 * distribution). A run of 20 s has about 160 samples, of which the wanted share has three or more wrong in every fifth
 * run. A share of 1 allows none.
 */
function allowedWrong(of: number, share: number): number {
  let probability = share ** of;
  let atMost = probability;
  let wrong = 0;
  while (1 - atMost >= chance && wrong < of) {
    probability *= ((of - wrong) / (wrong + 1)) * ((1 - share) / share);
    wrong += 1;
    atMost += probability;
  }
  return wrong;
}

/** Checks the shares of right sessions, certain matches and states among samples, and prints each kind of wrong one. */
export function reportSamples({ report }: Pick<Stage, 'report'>, samples: readonly Verdict[]): void {
  const wrong = new Map<string, number>();
  for (const { line, problems } of samples) {
    const text = `${line}: ${problems.join(', ')}`;
    if (problems.length > 0) wrong.set(text, (wrong.get(text) ?? 0) + 1);
  }
  for (const [text, times] of wrong) report.note(`${times} times ${text}`);
  const share = (what: string, right: number, of: number, wanted: number) =>
    report.check(
      of > 0 && of - right <= allowedWrong(of, wanted),
      `through transitions: ${right} of ${of} ${what}`,
    );
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
 * Plays random scenes in all panes and samples a running otop: each prompted process must have its own session, no
 * certain match may be wrong, no session may be working without a process, and the samples must not show that less than
 * 99 % of the states are right. A pane that changed less than 1.5 s ago is not judged.
 */
export async function watchTransitions(stage: Stage, seed: number, seconds: number): Promise<void> {
  const { rig, report } = stage;
  const follower = await startFollower(rig);
  const sessionOf = sessionFinder(rig);
  const endMs = Date.now() + seconds * 1000;
  const playing = rig.panes.map((pane) =>
    playRandomScenes(stage, pane, randomFrom(seed * 100 + pane.index), endMs),
  );
  const samples: Verdict[] = [];
  while (Date.now() < endMs) {
    const verdicts = await sample(rig, follower, sessionOf);
    report.sampled(verdicts);
    report.ghosts(ghostsAmong(follower.rows(), rig));
    samples.push(...verdicts);
    await sleep(sampleMs - paneLagMs);
  }
  await Promise.all(playing);
  follower.stop();
  reportSamples(stage, samples);
}
