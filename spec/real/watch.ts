import { setTimeout as sleep } from 'node:timers/promises';
import type { RigOptions } from './options.ts';
import { openPanes } from './play.ts';
import { randomFrom } from './random.ts';
import type { Pane } from './rig.ts';
import { scenes } from './scenes.ts';
import { score, type Verdict } from './score.ts';
import type { Stage } from './stage.ts';

/** The share of samples that must be right (issue 5, item 4). */
const wantedShare = 0.99;

/** Plays one scene after the other in a pane until the time is over, each for a few seconds. */
async function wander(stage: Stage, pane: Pane, random: () => number, endMs: number): Promise<void> {
  while (Date.now() < endMs) {
    const scene = scenes[Math.floor(random() * scenes.length)];
    if (scene === undefined) return;
    try {
      await scene.begin(stage.rig, pane);
      await sleep(1500 + random() * 5000);
      await scene.end?.(stage.rig, pane);
    } catch (error) {
      stage.report.note(`pane ${pane.index}, ${scene.name}: ${String(error).split('\n')[0]}`);
    }
  }
}

/** What is wrong with a row in itself: its process, its session, its state. Numbers may lag in mid-transition. */
function gravest({ problems }: Verdict): readonly string[] {
  return problems.filter((problem) => /^(STATE|WRONG|CERTAIN|\d+ rows)/.test(problem));
}

/**
 * Lets all panes wander from scene to scene and samples otop all the time: 99 % of the rows must be right.
 * A pane that changed less than 1.5 s ago is not held against its row.
 */
export async function watchTransitions(stage: Stage, options: RigOptions): Promise<void> {
  const { rig, report } = stage;
  const random = randomFrom(options.seed + 1000);
  if (rig.panes.length === 0) await openPanes(stage, options, random);
  const endMs = Date.now() + options.watchSeconds * 1000;
  const wandering = rig.panes.map((pane) =>
    wander(stage, pane, randomFrom(options.seed * 100 + pane.index), endMs),
  );
  let samples = 0;
  const wrong: { verdict: Verdict; problems: readonly string[] }[] = [];
  while (Date.now() < endMs) {
    for (const verdict of await score(rig, 'tmux')) {
      samples += 1;
      const problems = gravest(verdict);
      if (problems.length > 0) wrong.push({ verdict, problems });
    }
    await sleep(300);
  }
  await Promise.all(wandering);
  for (const { verdict, problems } of wrong) report.note(`${verdict.line}: ${problems.join(', ')}`);
  const right = samples - wrong.length;
  const percent = ((100 * right) / Math.max(1, samples)).toFixed(1);
  report.check(
    samples > 0 && right >= samples * wantedShare,
    `${right} of ${samples} samples right (${percent} %)`,
  );
}
