import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedSessions, type SessionChange } from '../../../lib/sources/opencode/changed-sessions.ts';
import { RowFingerprints } from '../../../lib/sources/opencode/row-fingerprints.ts';
import { leadingColumns, leafKind, pageCells } from '../../../lib/sources/sqlite/record.ts';
import { openDatabaseReader } from '../../../lib/sources/sqlite/snapshot.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { engine, noonMs, temporaryFolder } from '../../support/session-source.ts';

describe('the columns of leaf pages', () => {
  test.each([512, 4096, 65_536])('equal the columns that SQLite reads, in pages of %i bytes', (pageSize) => {
    const folder = temporaryFolder();
    const db = new OpencodeDatabase(join(folder.path, 'opencode.db'), '1.18.33', { pageSize });
    const session = db.session({ atMs: noonMs, title: 'ä'.repeat(300) });
    for (let turn = 0; turn < 40; turn += 1) session.turn('q'.repeat(turn * 97), 'a'.repeat(turn * 211));
    const rows = db
      .rows('select id, session_id, time_created from message')
      .map((row) => Object.values(row).join(' '));
    db.checkpoint('truncate');
    const bytes = readFileSync(db.path);
    const found: string[] = [];
    for (let number = 1; number <= bytes.length / pageSize; number += 1) {
      const page = bytes.subarray((number - 1) * pageSize, number * pageSize);
      if (leafKind(page, number) !== 'table') continue;
      for (const cell of pageCells(page, number) ?? []) {
        const columns = leadingColumns(page, cell, 3);
        if (String(columns[0]).startsWith('msg_')) found.push(columns.join(' '));
      }
    }
    db.close();
    folder.remove();
    expect(found.sort()).toEqual(rows.sort());
  });

  test('decode any bytes without an error', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.constantFrom(0x0d, 0x0a, 0x02),
        fc.nat(8),
        (bytes, type, count) => {
          const page = Uint8Array.from([type, ...bytes]);
          const columns = (pageCells(page, 2) ?? []).map((cell) => leadingColumns(page, cell, count));
          expect(columns.every(({ length }) => length <= count)).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('the sessions that a commit touched', () => {
  test('are found from the written rows of its pages', () => {
    const folder = temporaryFolder();
    const db = new OpencodeDatabase(join(folder.path, 'opencode.db'));
    const sessions = Array.from({ length: 40 }, (_, index) =>
      db
        .session({ atMs: noonMs + index * 1000, title: `S${index}` })
        .turn('q'.repeat(3000), 'a'.repeat(9000)),
    );
    const reader = openDatabaseReader(db.path, engine);
    const fingerprints = new RowFingerprints();
    const look = () => {
      const outcome = reader.read((view) => changedSessions(view, fingerprints));
      if (outcome.kind !== 'read' || outcome.value === 'all') return outcome.kind;
      fingerprints.take(outcome.value.fingerprints);
      return [...outcome.value.sessions].map(([id, change]) => `${titles.get(id)}: ${facetsOf(change)}`);
    };
    const titles = new Map(sessions.map((session, index) => [session.id, `S${index}`]));
    const [first, last] = [sessions[0], sessions[39]];
    expect(look()).toBe('read');
    expect(look()).toBe('unchanged');
    first?.step();
    // The page has no earlier fingerprints, so a row may be gone.
    expect(look()).toContain('S0: messages, lost');
    first?.after(5).stream();
    expect(look()).toContain('S0: parts, lost');
    first?.after(5).closes('done');
    expect(look()).toEqual(['S0: parts']);
    first?.after(5).todos([{ content: 'one', status: 'pending' }]);
    expect(look()).toContain('S0: todos');
    last?.set({ title: 'renamed' });
    expect(look()).toContain('S39: row');
    last?.set({ title: 'again' });
    expect(look()).toEqual(['S39: row']);
    db.run('delete from message where id = ?', first?.messageId ?? '');
    expect(look()).toContain('S0: lost');
    reader.close();
    db.close();
    folder.remove();
  });
});

function facetsOf({ row, todos, messages, parts, lost }: SessionChange): string {
  const facets = { row, messages: messages.size > 0, parts: parts.size > 0, todos, lost };
  return Object.entries(facets)
    .flatMap(([name, isTouched]) => (isTouched ? [name] : []))
    .join(', ');
}
