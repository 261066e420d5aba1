import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { ReadOnlyFile } from '../../../lib/sources/sqlite/read-only-file.ts';
import { openDatabaseReader } from '../../../lib/sources/sqlite/snapshot.ts';
import { loadSqlEngine } from '../../../lib/sources/sqlite/sql-engine.ts';
import { NativeDatabase } from '../../support/native-sqlite.ts';
import { accepted, SpecFolder } from '../../support/plain-database.ts';

const engine = await loadSqlEngine();
const pages = 200;

/** A table of long rows, whose pages are consecutive in the main file, with an empty WAL. */
function longRows(path: string): NativeDatabase {
  const sql = new NativeDatabase(path);
  sql.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table long (id, text)');
  for (const id of ['a', 'b', 'c']) sql.prepare('insert into long values (?, ?)').run(id, textOf(id));
  sql.exec('pragma wal_checkpoint(truncate)');
  return sql;
}

function textOf(letter: string): string {
  return letter.repeat(pages * 4096);
}

describe('reading consecutive pages', () => {
  const folder = new SpecFolder();
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => folder.remove());

  it('reads many pages by one call', () => {
    const path = folder.file('ahead.db');
    longRows(path).close();
    const read = vi.spyOn(ReadOnlyFile.prototype, 'read');
    const reader = openDatabaseReader(path, engine);
    const rows = accepted(reader.read((view) => view.select('select text from long')));
    reader.close();
    expect(rows.map(({ text }) => text)).toEqual([textOf('a'), textOf('b'), textOf('c')]);
    expect(read.mock.calls.length).toBeLessThan(pages / 2);
  });

  it('takes pages in the WAL from there, even if they were read ahead before', () => {
    const path = folder.file('wal.db');
    const sql = longRows(path);
    const reader = openDatabaseReader(path, engine);
    const read = () =>
      accepted(reader.read((view) => view.select('select text from long'), { force: true })).map(
        ({ text }) => text,
      );
    sql.prepare('update long set text = ? where id = ?').run(textOf('B'), 'b');
    expect(read()).toEqual([textOf('a'), textOf('B'), textOf('c')]);
    sql.prepare('update long set text = ? where id = ?').run(textOf('C'), 'c');
    expect(read()).toEqual([textOf('a'), textOf('B'), textOf('C')]);
    sql.exec('pragma wal_checkpoint(truncate)');
    sql.prepare('update long set text = ? where id = ?').run(textOf('A'), 'a');
    expect(read()).toEqual([textOf('A'), textOf('B'), textOf('C')]);
    reader.close();
    sql.close();
  });
});
