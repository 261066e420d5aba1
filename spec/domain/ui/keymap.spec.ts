import { describe, expect, it } from 'vitest';
import { columns, findColumn } from '../../../lib/domain/table/columns.ts';
import { keyAction, shownKeys } from '../../../lib/domain/ui/key-action.ts';
import { keymap } from '../../../lib/domain/ui/keymap.ts';
import { board, fleet, row, screenState } from '../../support/board.ts';
import { nowMs, process } from '../../support/builders.ts';

const shown = board(fleet);

describe('keys', () => {
  it('have one meaning each', () => {
    const keys = keymap.flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('return their action, or the reason why they are disabled', () => {
    const ui = screenState(shown);
    expect(keyAction('4', ui, shown)).toEqual({ action: { type: 'move-to', index: 3 } });
    expect(keyAction('Enter', ui, shown)).toEqual({ action: { type: 'open' } });
    expect(keyAction('€', ui, shown)).toBeUndefined();
    const none = board([]);
    expect(keyAction('Enter', screenState(none), none)).toEqual({ disabled: 'no session is selected' });
    expect(keyAction('w', screenState(none), none)).toEqual({ disabled: 'nobody needs you' });
    const open = screenState(shown, { type: 'open' });
    expect(keyAction('>', open, shown)).toEqual({
      disabled: 'this key works only in the table: Esc goes back',
    });
  });

  it('do not reach the table behind the help, and q closes the help', () => {
    const ui = screenState(shown, { type: 'overlay', name: 'help' });
    for (const key of ['Enter', 'F9', 'y', 't', 'w', 'o', 'X', 'a', 'i'])
      expect([key, keyAction(key, ui, shown)]).toEqual([
        key,
        { disabled: 'a window covers this view: Esc closes it' },
      ]);
    expect(keyAction('j', ui, shown)).toEqual({ action: { type: 'move', by: 1 } });
    expect(keyAction('q', ui, shown)).toEqual({ action: { type: 'back' } });
    expect(keyAction('C-c', ui, shown)).toEqual({ action: { type: 'quit' } });
    expect(keyAction('q', screenState(shown), shown)).toEqual({ action: { type: 'quit' } });
  });

  it('are shown in a readable form', () => {
    expect(keymap.map(shownKeys)).toEqual(expect.arrayContaining(['? F1', '1-9', 'Ctrl-L', 'q F10 Ctrl-C']));
  });
});

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
