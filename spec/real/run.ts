import { preview } from './install.ts';
import { measureNotices, type Notices } from './notice.ts';
import type { RigOptions } from './options.ts';
import { openPanes, playScenes } from './play.ts';
import { installPlugin } from './plugin.ts';
import { playPreview } from './preview/run.ts';
import { randomFrom } from './random.ts';
import { createReport, type Report } from './report.ts';
import type { Result } from './results.ts';
import { type Rig, startRig } from './rig.ts';
import { createStage } from './stage.ts';
import { chosenStories, playStories, type StoryOutcomes, stories } from './stories/all.ts';
import { watchTransitions } from './watch.ts';

/** Number of panes in the timing; more panes would measure the load of the machine. */
const timedPanes = 3;

/** Results of a run that are not in its report. */
interface Played {
  notices: Notices;
  stories: StoryOutcomes;
}

/** Plays all requested parts of opencode 1 in order. */
async function play(rig: Rig, report: Report, options: RigOptions, played: Played): Promise<void> {
  const chosen = chosenStories(stories, options.stories);
  const stage = createStage(rig, report, options);
  if (options.plugin) await installPlugin(rig);
  const random = randomFrom(rig.seed);
  if (options.scenes || options.watchSeconds > 0 || options.noticeRounds > 0)
    await openPanes(stage, options.panes, random);
  if (options.scenes) await playScenes(stage, random);
  if (options.noticeRounds > 0)
    played.notices = await measureNotices(stage, options.noticeRounds, timedPanes);
  if (options.watchSeconds > 0) await watchTransitions(stage, rig.seed, options.watchSeconds);
  if (chosen.length > 0) played.stories = await playStories(stage, chosen);
}

/**
 * Runs one version with one seed, counts failures, and always cleans up. Calls `onStart` with a function that ends the
 * run early.
 */
export async function runOnce(
  version: string,
  seed: number,
  options: RigOptions,
  onStart: (stop: () => Promise<void>) => void,
): Promise<Result> {
  const report = createReport((line) => process.stdout.write(`${line}\n`));
  const startMs = performance.now();
  const played: Played = { notices: new Map(), stories: new Map() };
  const rig = await startRig(version, seed);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= rig.stop();
    return stopping;
  };
  onStart(stop);
  try {
    if (version === preview) played.stories = await playPreview(rig, report, options);
    else await play(rig, report, options, played);
  } catch (error) {
    report.check(false, error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await stop();
  }
  report.finish();
  const seconds = Math.round((performance.now() - startMs) / 1000);
  return { version, seed, panes: options.panes, tally: report.tally, ...played, seconds };
}
