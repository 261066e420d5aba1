import { parseOptions } from './options.ts';
import { previewStories } from './preview/stories.ts';
import { appendResult, type Result, resultTable } from './results.ts';
import { runOnce } from './run.ts';
import { stories } from './stories/all.ts';

const storyNames = [...new Set([...stories, ...previewStories].map(({ name }) => name))];

function unknownStories(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== 'all' && !storyNames.includes(name));
}

/** Plays each version with each seed and prints the sum of all checks as the last line. Returns the exit code. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const unknown = unknownStories(options.stories);
  if (unknown.length > 0)
    throw new Error(`no story ${unknown.join(', ')}; there are ${storyNames.join(', ')}`);
  let stop = async (): Promise<void> => undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => void stop().finally(() => process.exit(130)));
  }
  const results: Result[] = [];
  for (const version of options.versions) {
    for (const seed of options.seeds) {
      process.stdout.write(`## opencode ${version}, seed ${seed}\n`);
      const result = await runOnce(version, seed, options, (stopRun) => {
        stop = stopRun;
      });
      results.push(result);
      if (options.resultsPath !== undefined) await appendResult(options.resultsPath, result);
    }
  }
  const sum = (pick: (result: Result) => number): number =>
    results.reduce((total, each) => total + pick(each), 0);
  const passed = sum(({ tally }) => tally.passed);
  const failed = sum(({ tally }) => tally.failed);
  for (const line of resultTable(results)) process.stdout.write(`${line}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

process.exitCode = await main();
