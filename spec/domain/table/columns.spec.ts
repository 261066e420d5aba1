import { describe, expect, it } from 'vitest';
import { columns, findColumn } from '../../../lib/domain/table/columns.ts';
import { fleet, row } from '../../support/board.ts';
import { nowMs, process } from '../../support/builders.ts';

describe('columns', () => {
  it('show the values of a row', () => {
    const [first] = [fleet[2]].filter((each) => each !== undefined);
    const cells = columns.map((column) => `${column.id}: ${first ? column.text(first, nowMs) : ''}`);
    expect(cells).toMatchInlineSnapshot(`
      [
        "status: permission 3m",
        "title: Refactor the api client",
        "last: bash: npm test",
        "messages: 34",
        "sid: ses_…eask1",
        "pid: 2368",
        "uptime: 2h08m",
        "round: 5m12s",
        "cpu: 4.1%",
        "memory: 812M",
        "context: 81%",
        "window: 162K",
        "input: 1.0M",
        "output: 9.1K",
        "cost: $1.20",
        "rate: 2.9K",
        "model: claude-opus-4-6",
        "agent: build",
        "tmux: work:8.1",
        "tty: pts/0",
        "pane-window: work",
        "branch: ",
        "directory: /home/u/projA",
        "match: log",
        "needs: you",
        "since: 3m05s",
        "subagents: 0",
        "todos: ",
        "version: 1.18.33",
        "host: desk",
      ]
    `);
  });

  it('show `orphan` in place of the pane', () => {
    const orphan = row('o', 'Left behind', { process: process({ orphan: true }) });
    expect(findColumn('tmux')?.text(orphan, nowMs)).toBe('orphan');
  });

  it('are empty for unknown values, and sort them as unknown', () => {
    const { process: _process, match: _match, session: _session, cost: _cost, ...bare } = row('x', '');
    const unknown = { ...bare, context: {}, tokensPerMinute: [] };
    const filled = columns.filter((column) => column.text(unknown, nowMs) !== '').map((column) => column.id);
    expect(filled).toEqual(['status', 'since', 'host']);
    expect(findColumn('cpu')?.value(unknown, nowMs)).toBeUndefined();
  });

  it('have valid width bounds, and are placed beneath existing columns', () => {
    for (const { id, width, under, priority } of columns) {
      expect([id, width.min <= width.good && width.good <= width.max]).toEqual([id, true]);
      if (under !== undefined) expect([id, findColumn(under)?.under]).toEqual([id, undefined]);
      expect(columns.filter((other) => other.priority === priority)).toHaveLength(1);
    }
  });
});
