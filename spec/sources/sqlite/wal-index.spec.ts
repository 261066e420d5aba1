import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseWalIndex } from '../../../lib/sources/sqlite/wal-index.ts';
import { PlainDatabase, SpecFolder } from '../../support/plain-database.ts';

let folder: SpecFolder;
let database: PlainDatabase;
beforeEach(() => {
  folder = new SpecFolder();
  database = new PlainDatabase(folder.file('opencode.db'), { pageSize: 65536 }).add(10);
});
afterEach(() => {
  database.close();
  folder.remove();
});

const index = () => readFileSync(`${database.path}-shm`).subarray(0, 136);
const walFrames = () => (readFileSync(`${database.path}-wal`).length - 32) / (65536 + 24);

/** The same header in the other byte order, except the salts. */
function swapped(bytes: Uint8Array): Uint8Array {
  const twin = Uint8Array.from(bytes);
  const from = new DataView(bytes.buffer, bytes.byteOffset);
  const to = new DataView(twin.buffer);
  for (const copy of [0, 48]) {
    for (const at of [0, 8, 16, 20, 24, 28]) to.setUint32(copy + at, from.getUint32(copy + at, true));
    to.setUint16(copy + 14, from.getUint16(copy + 14, true));
    const sums = [0, 0] as [number, number];
    for (let i = 0; i < 40; i += 8) {
      sums[0] = (sums[0] + to.getUint32(i) + sums[1]) >>> 0;
      sums[1] = (sums[1] + to.getUint32(i + 4) + sums[0]) >>> 0;
    }
    to.setUint32(copy + 40, sums[0]);
    to.setUint32(copy + 44, sums[1]);
  }
  to.setUint32(128, from.getUint32(128, true));
  return twin;
}

describe('the wal-index header', () => {
  it('contains the count of committed frames, the page size and the progress of checkpoints', () => {
    const before = parseWalIndex(index());
    expect(before).toMatchObject({ frameCount: walFrames(), pageSize: 65536, backfillAttempted: 0 });
    database.checkpoint('passive');
    expect(parseWalIndex(index())).toEqual({ ...before, backfillAttempted: walFrames() });
  });

  it('has a fingerprint that changes with every commit and only then', () => {
    const before = parseWalIndex(index())?.fingerprint;
    database.sql.exec('begin; delete from note; rollback');
    database.checkpoint('passive');
    expect(parseWalIndex(index())?.fingerprint).toBe(before);
    database.sql.exec('pragma user_version = 5');
    expect(parseWalIndex(index())?.fingerprint).not.toBe(before);
  });

  it('is the same in the other byte order', () => {
    const { fingerprint, isLittleEndian, ...native } = parseWalIndex(index()) ?? {};
    expect(fingerprint).toHaveLength(48);
    expect(parseWalIndex(swapped(index()))).toMatchObject({ ...native, isLittleEndian: !isLittleEndian });
  });

  it('is undefined if any bit of either copy is wrong, or for any other bytes', () => {
    const whole = index();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 96 * 8 - 1 }), (bit) => {
        const torn = Uint8Array.from(whole);
        torn[bit >> 3] = (torn[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(parseWalIndex(torn)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseWalIndex(bytes)).toBeUndefined();
      }),
    );
  });
});
