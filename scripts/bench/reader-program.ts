import type { Ask, FiguresOf } from './figures.ts';
import { type MeasureOptions, measureFirst, measureRefreshes, measureSoak } from './measure.ts';
import { measureLargeWal } from './measure-large-wal.ts';

/** Measures one part. The parent process writes to the database at this process's request. */
const part = process.argv[2];
const options: MeasureOptions = JSON.parse(process.argv[3] ?? '{}');

const request = (ask: Ask): Promise<void> =>
  new Promise((resolve) => {
    process.once('message', () => resolve());
    process.send?.(ask);
  });

process.on('disconnect', () => process.exit());

const parts: { readonly [Part in keyof FiguresOf]: () => Promise<FiguresOf[Part]> } = {
  first: () => measureFirst(options),
  refreshes: () => measureRefreshes(options, request),
  soak: () => measureSoak(options, request),
  wal: () => measureLargeWal(options, request),
};
if (part === undefined || !(part in parts)) throw new Error(`unknown part: ${part}`);
await request({ ask: 'keep', figures: await parts[part as keyof FiguresOf]() });
process.disconnect();
