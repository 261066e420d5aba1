import type { Ask } from './figures.ts';
import { type MeasureOptions, measureAll, measureFirst } from './measure.ts';

/** The process that measures; the one that started it writes to the database when it is asked to. */
const options: MeasureOptions = JSON.parse(process.argv[2] ?? '{}');

const request = (ask: Ask): Promise<void> =>
  new Promise((resolve) => {
    process.once('message', () => resolve());
    process.send?.(ask);
  });

process.on('disconnect', () => process.exit());

await request(
  options.onlyFirst
    ? { ask: 'first', figures: await measureFirst(options) }
    : { ask: 'all', figures: await measureAll(options, request) },
);
process.disconnect();
