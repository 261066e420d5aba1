import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTruncated } from '../../../lib/sources/opencode/truncated-json.ts';
import { readLastColumnHead } from '../../../lib/sources/sqlite/row-head.ts';
import { openDatabaseReader } from '../../../lib/sources/sqlite/snapshot.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { engine, noonMs, temporaryFolder } from '../../support/session-source.ts';

describe('the start of a row’s last column', () => {
  test.each([512, 4096, 65_536])('equals the text that SQLite reads, in pages of %i bytes', (pageSize) => {
    const folder = temporaryFolder();
    const db = new OpencodeDatabase(join(folder.path, 'opencode.db'), '1.18.33', { pageSize });
    const session = db.session({ atMs: noonMs });
    for (let turn = 0; turn < 60; turn += 1)
      session.turn('ä'.repeat(turn * 40), 'a'.repeat(turn * turn * 30));
    const reader = openDatabaseReader(db.path, engine);
    const wrong = reader.read((view) =>
      db.rows('select id, data from part').flatMap(({ id, data }) => {
        const head = readLastColumnHead(view, 'part', String(id), 5000);
        const whole = Buffer.from(String(data)).subarray(0, 5000).toString();
        return head === whole ? [] : [`${id}: ${head?.length} of ${whole.length}`];
      }),
    );
    expect(wrong).toMatchObject({ kind: 'read', value: [] });
    expect(
      reader.read((view) => readLastColumnHead(view, 'part', 'prt_none', 100), { force: true }),
    ).toMatchObject({
      kind: 'read',
      value: undefined,
    });
    reader.close();
    db.close();
    folder.remove();
  });
});

describe('JSON that is cut off', () => {
  test.each([
    ['{"a":1,"b":{"c":"some te', { a: 1, b: { c: 'some te' } }],
    ['{"a":"x\\', { a: 'x' }],
    ['{"a":"x\\u00', { a: 'x' }],
    ['{"a":"x\\\\', { a: 'x\\' }],
    ['{"a":[1,2,34', { a: [1, 2] }],
    ['{"a":1,"unfinished ke', { a: 1 }],
    ['{"a":1,"b":tr', { a: 1 }],
    ['{"a":1,"b":', { a: 1 }],
    ['{', {}],
    ['[1,2', undefined],
    ['', undefined],
    ['hello', undefined],
  ])('%s', (text, object) => {
    expect(parseTruncated(text)).toEqual(object);
  });

  test('anywhere is an object or nothing, and whole it is what it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(400), (object, cut) => {
        const text = JSON.stringify(object);
        expect(parseTruncated(text)).toEqual(JSON.parse(text));
        if (cut > 0) expect(parseTruncated(text.slice(0, cut))).toBeTypeOf('object');
      }),
      { numRuns: 500 },
    );
  });
});
