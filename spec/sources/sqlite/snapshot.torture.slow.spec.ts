import { beforeAll, describe, expect, it } from 'vitest';
import { loadSqlEngine, type SqlEngine } from '../../../lib/sources/sqlite/sql-engine.ts';
import { type TortureReport, torture } from '../../support/torture.ts';

/** `npm run spec:torture` takes 20,000 snapshots; `npm run test:all` takes as many as fit into a few seconds. */
const isLong = process.env.OTOP_TORTURE_SNAPSHOTS !== undefined;
const snapshots = Number(process.env.OTOP_TORTURE_SNAPSHOTS ?? 150);
const limitMs = isLong ? 1_800_000 : 60_000;
const specOptions = { timeout: limitMs + 60_000 };

/** The allowed problems while a database is deleted and created again, and during many checkpoints. */
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

describe('a reader beside busy writers', () => {
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

  it('returns torn rows without the final check, so the specs above can fail', specOptions, async () => {
    const run = { writers: 1, recreate: false, snapshots: 20_000, limitMs, skipCheckAfterwards: true };
    const report = await torture(engine, run);
    expect(report.torn).toBeGreaterThan(0);
  });
});
