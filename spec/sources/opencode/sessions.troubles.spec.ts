import { mkdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionReading } from '../../../lib/domain/board/readings.ts';
import type { DatabaseSessions } from '../../../lib/sources/opencode/sessions.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { noonMs, requestOf, settle, sourceIn, temporaryFolder } from '../../support/session-source.ts';

let folder: ReturnType<typeof temporaryFolder>;
let dataFolder: string;
let path: string;
let source: DatabaseSessions;

beforeEach(() => {
  folder = temporaryFolder();
  dataFolder = join(folder.path, '.local', 'share', 'opencode');
  mkdirSync(dataFolder, { recursive: true });
  path = join(dataFolder, 'opencode.db');
  source = sourceIn(folder.path);
});

afterEach(() => {
  source.close();
  folder.remove();
});

/** A closed database with one session; everything is in its main file. */
function makeDatabase(at = path, title = 'One'): string {
  const db = new OpencodeDatabase(at);
  const session = db.session({ atMs: noonMs, title }).turn('hello', 'hi');
  db.checkpoint('truncate');
  db.close();
  return session.id;
}

function titlesOf(reading: SessionReading): unknown[] {
  return [...reading.sessions.values()].map((session) => session.title);
}

function wordsOf(reading: SessionReading): string[] {
  return reading.troubles.map(({ source: from, text, staleSinceMs }) => {
    const stale = staleSinceMs === undefined ? '' : ` [stale for ${reading.atMs - staleSinceMs} ms]`;
    return `${from}: ${text.replaceAll(folder.path, 'FOLDER')}${stale}`;
  });
}

describe('while a transaction is being written', () => {
  test('shows the last rows, with a trouble only after two seconds', () => {
    makeDatabase();
    settle(source, requestOf());
    writeFileSync(`${path}-journal`, Buffer.from('d9d505f920a163d700000000', 'hex'));
    const soon = source.refresh(requestOf(), noonMs + 1999);
    expect(titlesOf(soon)).toEqual(['One']);
    expect(soon.troubles).toEqual([]);
    const later = source.refresh(requestOf(), noonMs + 2000);
    expect(titlesOf(later)).toEqual(['One']);
    expect(wordsOf(later)).toMatchInlineSnapshot(`
      [
        "database: ~/.local/share/opencode/opencode.db-journal is in use: a writer is at work, or was killed while it wrote. otop keeps trying. [stale for 2000 ms]",
      ]
    `);
  });
});

describe('without a database', () => {
  test('names the tried path and the remedy, and reads a database that appears later', () => {
    expect(wordsOf(source.refresh(requestOf(), noonMs))).toMatchInlineSnapshot(`
      [
        "database: No opencode database yet: looked for ~/.local/share/opencode/opencode.db. Start opencode 1.2 or newer, or name one with --db PATH.",
      ]
    `);
    makeDatabase();
    const reading = settle(source, requestOf());
    expect(titlesOf(reading)).toEqual(['One']);
    expect(reading.troubles).toEqual([]);
  });

  test('names the required version if there are only JSON files of opencode before 1.2', () => {
    mkdirSync(join(dataFolder, 'storage', 'session', 'global'), { recursive: true });
    expect(wordsOf(source.refresh(requestOf(), noonMs))).toMatchInlineSnapshot(`
      [
        "database: ~/.local/share/opencode/storage holds sessions as JSON files, the format of opencode before 1.2; otop reads only the database of 1.2 and newer. Start opencode 1.2 or newer once: it moves them into its database.",
      ]
    `);
  });

  test('names the missing database of --db', () => {
    const named = sourceIn(folder.path, { db: 'elsewhere.db' });
    expect(wordsOf(named.refresh(requestOf(), noonMs))).toMatchInlineSnapshot(`
      [
        "database: No opencode database yet: looked for ~/elsewhere.db. Start opencode 1.2 or newer, or name one with --db PATH.",
      ]
    `);
    expect(named.watchPaths).toEqual([
      join(folder.path, 'elsewhere.db'),
      join(folder.path, 'elsewhere.db-wal'),
    ]);
  });
});

describe('a file that is no opencode database', () => {
  test.each([
    ['an empty file', () => writeFileSync(path, '')],
    ['not SQLite', () => writeFileSync(path, 'hello '.repeat(2000))],
    ['a folder', () => mkdirSync(path)],
    [
      'another program’s',
      () => {
        makeDatabase();
        const db = new OpencodeDatabase(path);
        for (const table of [
          'part',
          'message',
          'todo',
          'session_share',
          'session_message',
          'session_input',
        ]) {
          db.run(`drop table ${table}`);
        }
        db.checkpoint();
        db.close();
      },
    ],
  ])('gives a trouble with its path and a remedy: %s', (_, make) => {
    make();
    expect(wordsOf(source.refresh(requestOf(), noonMs))).toMatchSnapshot();
  });
});

describe('a database that fails while otop runs', () => {
  test('keeps its last rows, marked stale, when deleted, and shows new sessions when replaced', () => {
    const first = makeDatabase();
    expect([...settle(source, requestOf()).sessions.keys()]).toEqual([first]);
    rmSync(path);
    const gone = source.refresh(requestOf(), noonMs + 5000);
    expect([...gone.sessions.keys()]).toEqual([first]);
    expect(wordsOf(gone)).toMatchInlineSnapshot(`
      [
        "database: there is no file ~/.local/share/opencode/opencode.db. Start opencode there, or name another database with --db PATH. [stale for 5000 ms]",
      ]
    `);
    makeDatabase(path, 'Two');
    const back = settle(source, requestOf(), noonMs + 9000);
    expect(titlesOf(back)).toEqual(['Two']);
    expect(back.troubles).toEqual([]);
    expect(back.allTime?.sessionCount).toBe(1);
  });

  test('keeps its last rows, marked stale, when truncated', () => {
    makeDatabase();
    settle(source, requestOf());
    truncateSync(path, Math.floor(statSync(path).size / 8192) * 4096);
    const cut = source.refresh(requestOf(), noonMs + 5000);
    expect(titlesOf(cut)).toEqual(['One']);
    expect(cut.troubles).toHaveLength(1);
    expect(cut.troubles[0]?.staleSinceMs).toBe(noonMs);
  });
});

describe('several databases', () => {
  test('are read together, and their totals are added', () => {
    makeDatabase(path, 'Stable');
    makeDatabase(join(dataFolder, 'opencode-dev.db'), 'Dev');
    const held = join(folder.path, 'held.db');
    makeDatabase(held, 'Held');
    source.holdPaths([held]);
    const reading = settle(source, requestOf());
    const places = [...reading.sessions.values()].map(({ title, databasePath }) => [title, databasePath]);
    // The three sessions have the same time and so the same id; one row is left.
    expect(places).toHaveLength(1);
    expect(reading.allTime).toMatchObject({ sessionCount: 3, messageCount: 6 });
  });

  test('show a session that is in two of them as the more recently active one', () => {
    makeDatabase(path, 'Old');
    const other = new OpencodeDatabase(join(dataFolder, 'opencode-dev.db'));
    const session = other.session({ atMs: noonMs, title: 'New' }).turn('a', 'b').after(60_000).turn('c', 'd');
    expect(titlesOf(settle(source, requestOf()))).toEqual(['New']);
    expect(settle(source, requestOf()).sessions.get(session.id)?.databasePath).toBe(other.path);
    other.close();
  });

  test('are shown even if one of them cannot be read', () => {
    makeDatabase(path, 'Good');
    writeFileSync(join(dataFolder, 'opencode-dev.db'), 'x'.repeat(5000));
    const reading = settle(source, requestOf());
    expect(titlesOf(reading)).toEqual(['Good']);
    expect(wordsOf(reading)).toMatchInlineSnapshot(`
      [
        "database: ~/.local/share/opencode/opencode-dev.db is not an SQLite database. Name opencode’s own database with --db PATH.",
      ]
    `);
  });

  test('stay open after the process that held them ended, until the file is gone', () => {
    makeDatabase(path, 'Stable');
    const held = join(folder.path, 'held.db');
    const db = new OpencodeDatabase(held);
    db.session({ atMs: noonMs + 1000, title: 'Held' }).prompt('x');
    source.holdPaths([held]);
    expect(titlesOf(settle(source, requestOf()))).toEqual(['Stable', 'Held']);
    source.holdPaths([]);
    expect(titlesOf(settle(source, requestOf()))).toEqual(['Stable', 'Held']);
    db.close();
    renameSync(held, `${held}.away`);
    expect(titlesOf(settle(source, requestOf()))).toEqual(['Stable']);
  });
});
