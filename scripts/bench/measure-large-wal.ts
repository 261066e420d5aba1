import { copyFileSync } from 'node:fs';
import { loadSqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';
import { timed } from './durations.ts';
import type { LargeWalFigures, Request } from './figures.ts';
import type { MeasureOptions } from './measure.ts';
import { Subject } from './subject.ts';

/** Measures first looks at a database with a large WAL: with its wal-index, and at a copy without one. */
export async function measureLargeWal(
  { path, wanted, walPages }: MeasureOptions,
  request: Request,
): Promise<LargeWalFigures> {
  const engine = await loadSqlEngine();
  await request({ ask: 'fill-wal', pages: walPages });
  const subject = new Subject(path, engine, wanted);
  const { ms: firstLookMs, busyMs: firstLookBusyMs } = timed(() => subject.refresh());
  subject.close();
  const copy = `${path}-copy.db`;
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  const alone = new Subject(copy, engine, wanted);
  const times: number[] = [];
  for (let isRead = false; !isRead; ) {
    const { value, ms } = timed(() => alone.refreshOrTrouble());
    times.push(ms);
    isRead = value.troubles.length === 0;
  }
  alone.close();
  return {
    pages: walPages,
    firstLookMs,
    firstLookBusyMs,
    longestScanMs: Math.max(...times),
    scanMs: times.reduce((sum, ms) => sum + ms, 0),
  };
}
