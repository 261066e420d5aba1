import { parseOptions, type RigOptions } from './options.ts';
import { playScenes } from './play.ts';
import { createReport } from './report.ts';
import { startRig } from './rig.ts';
import { createStage, type Stage } from './stage.ts';
import { chosenStories, playStories } from './stories/all.ts';
import type { Story } from './stories/story.ts';
import { watchTransitions } from './watch.ts';

/** Everything that was asked for, in order; what goes wrong is counted, and the rest goes on. */
async function play(stage: Stage, stories: readonly Story[], options: RigOptions): Promise<void> {
  if (options.scenes) await playScenes(stage, options);
  if (options.watchSeconds > 0) await watchTransitions(stage, options);
  if (stories.length > 0) await playStories(stage, stories);
}

/** Runs the rig and cleans up after it, however it ends; gives the exit code. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const stories = chosenStories(options.stories);
  const report = createReport((line) => process.stdout.write(`${line}\n`));
  const rig = await startRig(options.version, options.seed);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= rig.stop();
    return stopping;
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => void stop().finally(() => process.exit(130)));
  }
  try {
    await play(createStage(rig, report, options.truthOnly), stories, options);
  } catch (error) {
    report.check(false, error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await stop();
  }
  return report.finish();
}

process.exitCode = await main();
