import { readSessions, sessionWithWord } from './database-truth.ts';
import type { RigOptions } from './options.ts';
import { randomFrom, shuffled } from './random.ts';
import type { Report } from './report.ts';
import type { Pane, Rig } from './rig.ts';
import { type Scene, scenes } from './scenes.ts';
import { score, steadyMs } from './score.ts';

/** Opens the panes, one after the other: seven of ten in the same directory, sizes as people have them. */
async function openPanes(rig: Rig, options: RigOptions, random: () => number): Promise<void> {
  const [busiest = '', ...others] = rig.sandbox.projects;
  const shared = Math.max(1, Math.round(options.panes * 0.7));
  const directories = Array.from({ length: options.panes }, (_, index) =>
    index < shared ? busiest : (others[(index - shared) % others.length] ?? busiest),
  );
  for (const directory of shuffled(directories, random)) {
    const columns = 90 + Math.floor(random() * 50);
    await rig.open({ directory, columns, lines: 30 + Math.floor(random() * 12) });
  }
}

/** What is true of every pane, in a line each. */
async function printTruth(rig: Rig, report: Report): Promise<void> {
  const sessions = await readSessions(rig.sandbox.databasePath);
  for (const pane of rig.panes) {
    const view = rig.watcher.view(pane);
    const session = pane.word === undefined ? undefined : sessionWithWord(sessions, pane.word);
    const { title } = await rig.tmux.describe(pane.id);
    const age = view === undefined ? '-' : `${((Date.now() - view.sinceMs) / 1000).toFixed(1)}s`;
    report.note(
      `pane ${pane.index} pid ${rig.pidOf(pane)} ${pane.word ?? '-'} ${session?.id ?? 'no session'} ` +
        `${view?.expected.join('|')} ${age} "${title}" ${JSON.stringify(session?.tokens)}`,
    );
  }
}

/** Waits until every pane has shown the same long enough to be judged. */
async function allSteady(rig: Rig): Promise<void> {
  const steady = ({ sinceMs, expected }: { sinceMs: number; expected: readonly string[] }) =>
    expected.length > 0 && Date.now() - sinceMs > steadyMs + 300;
  for (const pane of rig.panes) await rig.until(pane, 'the same for a while', steady, 30_000);
}

/** Judges all panes in both surroundings, or prints the truth. */
async function judgeAll(heading: string, rig: Rig, options: RigOptions, report: Report): Promise<void> {
  await allSteady(rig);
  if (options.truthOnly) {
    report.note(heading);
    return printTruth(rig, report);
  }
  for (const surroundings of ['tmux', 'no tmux'] as const) {
    const verdicts = await score(rig, surroundings);
    report.verdicts(`${heading} (${surroundings})`, verdicts);
    const missed = rig.panes.length - verdicts.length;
    if (missed > 0) report.note(`${missed} panes changed while otop ran and were not judged`);
  }
}

async function attempt(
  report: Report,
  pane: Pane,
  scene: Scene,
  work: Promise<void> | undefined,
): Promise<void> {
  await work?.catch((error: Error) =>
    report.check(false, `pane ${pane.index}, ${scene.name}: ${error.message}`),
  );
}

/**
 * Brings each pane into one scene after the other, another one in each pane, and judges all of them at once
 * in each round; every scene is played at least once.
 */
export async function playScenes(rig: Rig, options: RigOptions, report: Report): Promise<void> {
  const random = randomFrom(options.seed);
  await openPanes(rig, options, random);
  await judgeAll('just started, nothing typed', rig, options, report);
  const order = shuffled(scenes, random);
  const rounds = Math.ceil(order.length / rig.panes.length);
  for (let round = 0; round < rounds; round += 1) {
    const cast = rig.panes.map((pane, index) => {
      const scene = order[(round * rig.panes.length + index) % order.length];
      if (scene === undefined) throw new Error('there are no scenes');
      return { pane, scene };
    });
    await Promise.all(cast.map(({ pane, scene }) => attempt(report, pane, scene, scene.begin(rig, pane))));
    for (const { pane, scene } of cast) report.note(`pane ${pane.index}: ${scene.name}`);
    await judgeAll(`round ${round + 1} of ${rounds}`, rig, options, report);
    await Promise.all(cast.map(({ pane, scene }) => attempt(report, pane, scene, scene.end?.(rig, pane))));
  }
  await judgeAll('all at rest', rig, options, report);
}
