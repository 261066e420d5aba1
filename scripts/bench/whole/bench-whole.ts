import type { Figures } from '../results.ts';
import { watchCosts } from './cost.ts';
import { measureDelays } from './delays.ts';
import { type Watched, wholeRows } from './figures.ts';
import { monitorLabels, monitorPrograms } from './monitors.ts';
import { BenchStage } from './stage.ts';

/** `real-opencode.ts` compares otop with htop. This bench does not, since htop reads sleeping stand-ins cheaply. */
const fleets = [
  { title: '10 sessions, nothing happens', sessions: 10, working: 0, maxPercent: 0.3 },
  { title: '10 sessions, 3 work', sessions: 10, working: 3, maxPercent: 1.5 },
  { title: '50 sessions, 3 work', sessions: 50, working: 3, maxPercent: 3 },
];

/**
 * Measures the cost of the whole of otop next to htop, btop and gtop in the same run, if the machine has them; then its delays
 * with a database of `databaseBytes`. Throws if otop does not draw what it should.
 */
export async function benchWhole(watchMs: number, databaseBytes: number): Promise<Omit<Figures, 'load'>> {
  const programs = monitorPrograms();
  const watched: Watched[] = [];
  for (const { sessions, working, ...fleet } of fleets) {
    console.log(`${fleet.title}: watching for ${watchMs / 1000} s`);
    const costs = await onStage(new BenchStage(sessions), (stage) =>
      stage.fleet.working(working, () => watchCosts(stage, programs, watchMs)),
    );
    watched.push({ ...fleet, costs });
  }
  console.log('starts and delays');
  const delays = await onStage(new BenchStage(10, databaseBytes), measureDelays);
  return { labels: monitorLabels(programs), rows: wholeRows(programs, watched, delays) };
}

async function onStage<T>(stage: BenchStage, work: (stage: BenchStage) => Promise<T>): Promise<T> {
  try {
    return await work(stage);
  } finally {
    stage.close();
  }
}
