import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabaseReader } from '../../../lib/sources/sqlite/snapshot.ts';
import { loadSqlEngine, type SqlEngine } from '../../../lib/sources/sqlite/sql-engine.ts';
import { accepted, digest, PlainDatabase, SpecFolder } from '../../support/plain-database.ts';
import { until } from '../../support/wait.ts';

let folder: SpecFolder;
let database: PlainDatabase;
beforeEach(() => {
  folder = new SpecFolder();
  database = new PlainDatabase(folder.file('opencode.db')).add(200);
});
afterEach(() => {
  database.close();
  folder.remove();
});

/** An image that makes the engine fail like a trap in WebAssembly. */
function breakIt(engine: SqlEngine): unknown {
  const image = {
    length: 4096,
    slice: () => image,
    subarray: (): Uint8Array => {
      throw new RangeError('as if memory were out of bounds');
    },
    copy: () => new Uint8Array(),
  };
  try {
    return engine.connect(image, Date.now);
  } catch (error) {
    return error;
  }
}

describe('the SQL engine', () => {
  it('reads images by page with the pinned sql.js', async () => {
    expect((await loadSqlEngine()).readsPages).toBe(true);
  });

  it('says that it restarts after a trap, and then works as before', async () => {
    const engine = await loadSqlEngine();
    const reader = openDatabaseReader(database.path, engine);
    accepted(reader.read(digest));
    expect(breakIt(engine)).toMatchObject({ kind: 'engine' });
    reader.close();
    expect(reader.read(digest)).toMatchObject({
      kind: 'failed',
      reason: { kind: 'engine', words: 'the SQL engine is restarting' },
    });
    const read = () => {
      const outcome = reader.read(digest);
      return outcome.kind !== 'failed' && outcome;
    };
    expect(accepted(await until('the restarted engine', read))).toEqual(database.digest);
    reader.close();
  });

  it('reads small databases whole if a future sql.js copies, and refuses large ones with a reason', async () => {
    const engine = await loadSqlEngine({ copyImages: true });
    const reader = openDatabaseReader(database.path, engine);
    accepted(reader.read(digest));
    database.add(5);
    expect(accepted(reader.read(digest))).toEqual(database.digest);
    database.sql.exec('create table big (x); insert into big values (zeroblob(70000000))');
    expect(reader.read(digest)).toMatchObject({ kind: 'failed', reason: { kind: 'too-large' } });
    reader.close();
  });
});
