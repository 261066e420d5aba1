import { beforeAll, describe, expect, it } from 'vitest';
import { loadSqlEngine, type SqlEngine } from '../../../lib/sources/sqlite/sql-engine.ts';
import { type TortureReport, torture } from '../../support/torture.ts';

/** `npm run spec:torture` asks for 20,000 snapshots; `npm test` takes what a few seconds give. */
const isLong = process.env.OTOP_TORTURE_SNAPSHOTS !== undefined;
const snapshots = Number(process.env.OTOP_TORTURE_SNAPSHOTS ?? 150);
const limitMs = isLong ? 1_800_000 : 60_000;
const specOptions = { timeout: limitMs + 60_000 };

/** What a reader may meet while a database is deleted and made anew, and under a checkpoint storm. */
const harmless = new Set(['missing', 'empty', 'schema', 'busy']);

let engine: SqlEngine;
beforeAll(async () => {
  engine = await loadSqlEngine();
});

function expectExact(report: TortureReport): void {
  if (isLong) console.log(report);
  const { torn, backwards, unnamed } = report;
  expect({ torn, backwards, unnamed }).toEqual({ torn: 0, backwards: 0, unnamed: 0 });
  expect(Object.keys(report.failed).filter((kind) => !harmless.has(kind))).toEqual([]);
  expect(report.accepted).toBe(snapshots);
}

describe('a reader under fire', () => {
  it(
    'is never torn, never goes back and names every changed page, while one writer is killed, vacuums and recreates',
    specOptions,
    async () => {
      expectExact(await torture(engine, { writers: 1, recreate: true, snapshots, limitMs }));
    },
  );

  it('is never torn and never goes back under three writers at once', specOptions, async () => {
    expectExact(await torture(engine, { writers: 3, recreate: false, snapshots, limitMs }));
  });

  it('tears without the check afterwards: the specs above have teeth', specOptions, async () => {
    const run = { writers: 1, recreate: false, snapshots: 20_000, limitMs, skipCheckAfterwards: true };
    const report = await torture(engine, run);
    expect(report.torn).toBeGreaterThan(0);
  });
});
