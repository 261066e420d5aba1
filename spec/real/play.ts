import { shuffled } from './random.ts';
import type { Pane } from './rig.ts';
import { type Scene, scenes } from './scenes.ts';
import type { Stage } from './stage.ts';

/**
 * How many opencodes start at once. Up to 1.15, two that start in the same second write the same log; a separate story
 * covers that.
 */
function startedAtOnce(version: string): number {
  return /^1\.([0-9]|1[0-5])\./.test(version) ? 1 : 2;
}

/** Opens the panes, with ordinary sizes and seven of ten in the same directory. */
export async function openPanes(
  { rig }: Pick<Stage, 'rig'>,
  paneCount: number,
  random: () => number,
): Promise<void> {
  const [busiest = '', ...others] = rig.sandbox.projects;
  const shared = Math.max(1, Math.round(paneCount * 0.7));
  const directories = Array.from({ length: paneCount }, (_, index) =>
    index < shared ? busiest : (others[(index - shared) % others.length] ?? busiest),
  );
  const openings = shuffled(directories, random).map((directory) => ({
    directory,
    columns: 90 + Math.floor(random() * 50),
    lines: 30 + Math.floor(random() * 12),
  }));
  const atOnce = startedAtOnce(rig.version);
  // The first opencode creates the database; one started at the same time sometimes stays blank.
  for (let at = 0, count = 1; at < openings.length; at += count, count = atOnce) {
    await Promise.all(openings.slice(at, at + count).map((opening) => rig.open(opening)));
  }
}

/** Waits for one pane's part of a round. Counts a failure and does not stop the other panes. */
async function attempt({ report }: Stage, pane: Pane, scene: Scene, work?: Promise<void>): Promise<void> {
  await work?.catch((error: Error) =>
    report.check(false, `pane ${pane.index}, ${scene.name}: ${error.message}`),
  );
}

/**
 * Plays rounds with another scene in each pane and judges all panes in each round. Every scene is played at least once.
 */
export async function playScenes(stage: Stage, random: () => number): Promise<void> {
  const { rig, report } = stage;
  await stage.judge('just started, nothing typed');
  const order = shuffled(scenes, random);
  const rounds = Math.ceil(order.length / rig.panes.length);
  for (let round = 0; round < rounds; round += 1) {
    const cast = rig.panes.map((pane, index) => {
      const scene = order[(round * rig.panes.length + index) % order.length];
      if (scene === undefined) throw new Error('there are no scenes');
      return { pane, scene };
    });
    await Promise.all(cast.map(({ pane, scene }) => attempt(stage, pane, scene, scene.begin(rig, pane))));
    for (const { pane, scene } of cast) report.note(`pane ${pane.index}: ${scene.name}`);
    await stage.judge(`round ${round + 1} of ${rounds}`);
    await Promise.all(cast.map(({ pane, scene }) => attempt(stage, pane, scene, scene.end?.(rig, pane))));
  }
  await stage.judge('all at rest');
}
