import { type Sample, slopeOf } from './sample.ts';
import { soak } from './soak.ts';

/** `npm run soak -- [TICKS [SECONDS_PER_TICK]]`; by default a week, in 60,480 ticks of ten seconds. */
const [ticks = 60_480, seconds = 10] = process.argv.slice(2).map(Number);
const startedMs = performance.now();
const report = await soak({ ticks, stepMs: seconds * 1000, liveSessions: 50, samples: 40 });
const tookSeconds = Math.round((performance.now() - startedMs) / 1000);
const last = report.samples.at(-1);

const measures: readonly (readonly [name: string, of: (sample: Sample) => number])[] = [
  ['heap, MB', ({ heapBytes }) => heapBytes / 2 ** 20],
  ['outside the heap, MB', ({ externalBytes }) => externalBytes / 2 ** 20],
  ['resident, MB', ({ rssBytes }) => rssBytes / 2 ** 20],
  ['descriptors', ({ descriptors = 0 }) => descriptors],
  ['timers and watchers', ({ timers }) => timers],
  ['listeners', ({ listeners }) => listeners],
];
console.log(
  `${ticks} ticks of ${seconds} s in ${tookSeconds} s; ${report.rows} rows; ${report.failedWrites} writes to a full disk`,
);
for (const [name, of] of measures) {
  const end = last === undefined ? Number.NaN : of(last);
  console.log(
    `${name.padEnd(20)} ${end.toFixed(1).padStart(8)} at the end, growth ${slopeOf(report.samples, of).toFixed(3)} per thousand ticks`,
  );
}
for (const line of report.missed) console.log(`missed: ${line}`);
console.log(report.missed.length === 0 ? 'nothing missed' : `${report.missed.length} missed`);
process.exitCode = report.missed.length === 0 ? 0 : 1;
