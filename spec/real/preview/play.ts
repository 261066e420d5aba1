import { setTimeout as sleep } from 'node:timers/promises';
import { steadyMs, type Verdict } from '../judge.ts';
import { randomFrom, shuffled } from '../random.ts';
import { reportSamples } from '../watch.ts';
import type { Actor } from './actor.ts';
import { judge } from './judge.ts';
import type { PreviewRig } from './rig.ts';
import { type Scene, scenes } from './scenes.ts';
import type { PreviewStage } from './stage.ts';

/** How often a scene begins in a new session rather than in the one of the scene before. */
const renewedShare = 0.4;
/** Between two samples, each of which waits for the next poll of the API. */
const sampleGapMs = 50;

/** Creates the sessions, with seven of ten in the same directory, in random order. */
export async function enterActors(preview: PreviewRig, count: number, random: () => number): Promise<void> {
  const [busiest = '', ...others] = preview.rig.sandbox.projects;
  const shared = Math.max(1, Math.round(count * 0.7));
  const directories = Array.from({ length: count }, (_, index) =>
    index < shared ? busiest : (others[(index - shared) % others.length] ?? busiest),
  );
  for (const directory of shuffled(directories, random)) await preview.enter(directory);
}

async function begin(preview: PreviewRig, actor: Actor, scene: Scene, renewed: boolean): Promise<void> {
  if (renewed || scene.fresh === 'before') await preview.renew(actor, scene.model);
  await scene.begin(preview, actor);
}

async function end(preview: PreviewRig, actor: Actor, scene: Scene): Promise<void> {
  await scene.end?.(preview, actor);
  // A session whose model is not there, or with a prompt left in its queue, would disturb the next scene.
  if (scene.fresh === 'after' || scene.model !== undefined) await preview.renew(actor);
}

/** Plays rounds with another scene in each session and judges all of them in each round; every scene is played once. */
export async function playPreviewScenes(stage: PreviewStage, random: () => number): Promise<void> {
  const { preview, report } = stage;
  const { actors } = preview;
  const attempt = (scene: Scene, work: Promise<void>): Promise<void> =>
    work.catch((error: Error) => report.check(false, `${scene.name}: ${error.message}`));
  const order = shuffled(scenes, random);
  const rounds = Math.ceil(order.length / actors.length);
  for (let round = 0; round < rounds; round += 1) {
    const cast = actors.map((actor, index) => {
      const scene = order[(round * actors.length + index) % order.length];
      if (scene === undefined) throw new Error('there are no scenes');
      return { actor, scene, renewed: random() < renewedShare };
    });
    await Promise.all(
      cast.map(({ actor, scene, renewed }) => attempt(scene, begin(preview, actor, scene, renewed))),
    );
    for (const { actor, scene } of cast) report.note(`session ${actor.index}: ${scene.name}`);
    await stage.judge(`round ${round + 1} of ${rounds}`);
    for (const { actor, scene } of cast) {
      const expected = preview.observer.view(actor)?.expected ?? [];
      if (scene.states.some((state) => expected.includes(state))) continue;
      report.check(
        false,
        `session ${actor.index}, ${scene.name}: it is ${expected.join(' or ') || 'changing'}`,
      );
    }
    await Promise.all(cast.map(({ actor, scene }) => attempt(scene, end(preview, actor, scene))));
  }
  await stage.judge('all at rest');
}

/** Plays random scenes in one session until `endMs`, each for a few seconds. */
async function playRandomScenes(
  { preview, report }: PreviewStage,
  actor: Actor,
  random: () => number,
  endMs: number,
): Promise<void> {
  while (Date.now() < endMs) {
    const scene = scenes[Math.floor(random() * scenes.length)];
    if (scene === undefined) return;
    try {
      await begin(preview, actor, scene, random() < renewedShare);
      await sleep(1500 + random() * 3000);
      await end(preview, actor, scene);
    } catch (error) {
      report.note(`session ${actor.index}, ${scene.name}: ${String(error)}`);
    }
  }
}

/** Judges the running otop's rows for every session that is unchanged for long enough. */
async function sample({ preview, follower }: PreviewStage, pid: number): Promise<readonly Verdict[]> {
  const atMs = Date.now();
  const rows = follower.rows();
  await preview.observer.polled();
  return preview.actors.flatMap((actor) => {
    const view = preview.observer.view(actor);
    if (view === undefined || view.expected.length === 0) return [];
    if (view.atMs <= atMs || view.sinceMs > atMs - steadyMs) return [];
    return [judge(actor, { pid, view, readings: [] }, rows)];
  });
}

/**
 * Plays random scenes in all sessions and samples a running otop, as `watchTransitions` does with panes: no session may
 * have another process or a certain match that is wrong, and 99 % of the states must be right.
 */
export async function watchPreview(stage: PreviewStage, seconds: number): Promise<void> {
  const { preview, report } = stage;
  const pid = await preview.service.pid();
  const endMs = Date.now() + seconds * 1000;
  const playing = preview.actors.map((actor) =>
    playRandomScenes(stage, actor, randomFrom(preview.seed * 100 + actor.index), endMs),
  );
  const samples: Verdict[] = [];
  while (Date.now() < endMs) {
    const verdicts = await sample(stage, pid);
    report.sampled(verdicts);
    samples.push(...verdicts);
    await sleep(sampleGapMs);
  }
  await Promise.all(playing);
  reportSamples(stage, samples);
}
