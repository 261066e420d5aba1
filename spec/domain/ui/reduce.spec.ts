import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Board } from '../../../lib/domain/board/board.ts';
import { sortRows } from '../../../lib/domain/board/sort.ts';
import { screenBoard } from '../../../lib/domain/board/tree.ts';
import { columns } from '../../../lib/domain/table/columns.ts';
import type { Action } from '../../../lib/domain/ui/action.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import { initialUiState, type UiState } from '../../../lib/domain/ui/ui-state.ts';
import { board, fleet, row, screenState, state } from '../../support/board.ts';
import { nowMs, process, session, text } from '../../support/builders.ts';

vi.mock(import('../../../lib/domain/board/tree.ts'), { spy: true });

const names = (keys: readonly string[]) => keys.map((key) => key.replace('ses_dfc4cf0c2ffe', ''));
const shown = board(fleet);

function act(ui: UiState, action: Action, of = shown, atMs = nowMs): UiState {
  return reduce(ui, action, { board: of, nowMs: atMs }).state;
}

/** Reduces a new Board after the time for which gone rows stay visible. */
function afterwards(ui: UiState, of: Board): UiState {
  return act(act(ui, { type: 'board' }, of), { type: 'board' }, of, nowMs + 2500);
}

describe('the order of rows', () => {
  it('starts with rows that need you, then unread, working, idle, new, stale; the longest wait first', () => {
    const rows = [
      row('stale', 'a', { state: state('stale', 1) }),
      row('new', 'b', { state: state('new', 1) }),
      row('idle-old', 'c', { session: session({ activeAtMs: nowMs - 5000 }) }),
      row('idle-late', 'd', { session: session({ activeAtMs: nowMs - 10 }) }),
      row('work-old', 'e', { state: state('thinking', 1), process: process({ startedAtMs: 1000 }) }),
      row('work-late', 'f', { state: state('tool use', 99), process: process({ startedAtMs: 2000 }) }),
      row('retry', 'g', { state: state('retrying', 5) }),
      row('unread', 'h', { state: state('idle', 5, { unread: true }) }),
      row('cut', 'i', { state: state('truncated', 5) }),
      row('failed', 'j', { state: state('error', 5) }),
      row('ask-late', 'k', { state: state('asking', 5) }),
      row('ask-old', 'l', { state: state('asking', 500) }),
    ];
    expect(names(sortRows(rows, initialUiState.sort, nowMs).map(({ key }) => key))).toEqual([
      'ask-old',
      'ask-late',
      'failed',
      'cut',
      'unread',
      'retry',
      'work-old',
      'work-late',
      'idle-late',
      'idle-old',
      'new',
      'stale',
    ]);
  });

  it('sorts numbers by size, and puts unknown values last in both directions', () => {
    const rows = [
      row('b', '', { context: { percent: 9 } }),
      row('c', '', { context: {} }),
      row('a', '', { context: { percent: 81 } }),
    ];
    const order = (descending: boolean) =>
      names(sortRows(rows, { column: 'context', descending }, nowMs).map(({ key }) => key));
    expect(order(true)).toEqual(['a', 'b', 'c']);
    expect(order(false)).toEqual(['b', 'a', 'c']);
  });

  it('is the same for the same rows in any input order, by any column', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...fleet], { minLength: fleet.length }),
        fc.constantFrom(...columns),
        fc.boolean(),
        (rows, { id }, descending) => {
          const sort = { column: id, descending };
          expect(sortRows(rows, sort, nowMs)).toEqual(sortRows(fleet, sort, nowMs));
        },
      ),
    );
  });
});

describe('rows under the cursor', () => {
  it('keep their order for three seconds after a key, and then move with the selection', () => {
    const before = act(screenState(shown), { type: 'move', by: 1 });
    expect(names([before.selectedKey ?? ''])).toEqual(['err1']);
    const calm = board(fleet.map((each) => ({ ...each, state: state('idle', 1) })));
    const held = act(before, { type: 'board' }, calm, nowMs + 2999);
    expect(held.order).toEqual(before.order);
    const sorted = act(held, { type: 'board' }, calm, nowMs + 3000);
    expect(sorted.order).not.toEqual(before.order);
    expect(sorted.selectedKey).toBe(before.selectedKey);
  });

  it('select the first row until a movement or an opened row chooses another', () => {
    const calm = board(
      fleet.map((each) => (each.key.endsWith('ask1') ? { ...each, state: state('idle', 1) } : each)),
    );
    const untouched = screenState(shown);
    expect(names([untouched.selectedKey ?? ''])).toEqual(['ask1']);
    expect(names([act(untouched, { type: 'board' }, calm).selectedKey ?? ''])).toEqual(['err1']);
    for (const choice of [{ type: 'open' }, { type: 'move-to', index: 0 }] as const) {
      const chosen = act(untouched, choice);
      expect(names([act(chosen, { type: 'board' }, calm, nowMs + 5000).selectedKey ?? ''])).toEqual(['ask1']);
    }
  });

  it('put new rows last and drop gone rows while they keep their order', () => {
    const before = act(screenState(shown), { type: 'move', by: 1 });
    const next = board([row('zz', 'new', { state: state('asking', 1) }), ...fleet.slice(1)]);
    expect(names(afterwards(before, next).order)).toEqual(['ask1', 'err1', 'cjk1', 'tool1', 'zz']);
  });

  it('keep the selection at the same index if the selected row goes away', () => {
    const before = act(screenState(shown), { type: 'move', by: 2 });
    const without = board(fleet.filter(({ key }) => key !== before.selectedKey));
    expect(names([afterwards(before, without).selectedKey ?? ''])).toEqual(['tool1']);
    const none = afterwards(before, board([]));
    expect(none.selectedKey).toBeUndefined();
  });

  it('always have a shown row selected', () => {
    const step = fc.oneof(
      fc.integer({ min: -9, max: 9 }).map((by): Action => ({ type: 'move', by })),
      fc.constantFrom<Action>({ type: 'sort-step', step: 1 }, { type: 'next-waiting' }, { type: 'pause' }),
      fc.subarray([...fleet]).map((rows) => rows),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let current = shown;
        let ui = screenState(shown);
        steps.forEach((each, index) => {
          if (!('type' in each)) current = board(each);
          ui = act(ui, 'type' in each ? each : { type: 'board' }, current, nowMs + index * 700);
          expect(
            ui.selectedKey === undefined ? ui.order.length === 0 : ui.order.includes(ui.selectedKey),
          ).toBe(true);
        });
      }),
    );
  });
});

describe('actions', () => {
  it('cycle through the rows that need you, and through unread ones only if there are none', () => {
    let ui = screenState(shown);
    const visited = [1, 2, 3].map(() => {
      ui = act(ui, { type: 'next-waiting' });
      return ui.selectedKey ?? '';
    });
    expect(names(visited)).toEqual(['err1', 'ask1', 'err1']);
    const calm = board(fleet.filter((each) => !each.state.needsYou));
    expect(names([act(screenState(calm), { type: 'next-waiting' }, calm).selectedKey ?? ''])).toEqual([
      'cjk1',
    ]);
  });

  it('open the detail log, report the row as seen, and close it with Esc', () => {
    const step = reduce(screenState(shown), { type: 'open' }, { board: shown, nowMs });
    expect(step.state.focus).toBe('detail');
    expect(step.effects).toEqual([{ type: 'seen', key: 'ses_dfc4cf0c2ffeask1' }]);
    const helped = act(step.state, { type: 'overlay', name: 'help' });
    expect(act(helped, { type: 'back' })).toEqual(step.state);
    expect(act(step.state, { type: 'back' }).focus).toBe('table');
    // A key of the table shows the notice "Esc goes back"; one Esc must close both.
    const told = act(step.state, {
      type: 'notice',
      text: text('this key works only in the table: Esc goes back'),
    });
    expect(act(told, { type: 'back' })).toMatchObject({ focus: 'table' });
    expect(act(told, { type: 'back' }).notice).toBeUndefined();
  });

  it('keep the detail log open if a filter hides its session, and close it if the session is gone', () => {
    const filtered = act(screenState(shown), { type: 'filter-toggle', text: 'status:asking' });
    const open = act(filtered, { type: 'open' });
    const answered = board(
      fleet.map((each) => (each.key === open.selectedKey ? { ...each, state: state('thinking', 0) } : each)),
    );
    const still = act(open, { type: 'board' }, answered);
    expect([still.focus, still.selectedKey]).toEqual(['detail', open.selectedKey]);
    expect(act(still, { type: 'back' }, answered).order).toEqual([]);
    const gone = board(fleet.filter(({ key }) => key !== open.selectedKey));
    const closed = afterwards(act(screenState(shown), { type: 'open' }), gone);
    expect(closed.focus).toBe('table');
    expect(closed.notice?.text).toBe('the session that was open is gone');
    expect(gone.rows.map(({ key }) => key)).toContain(closed.selectedKey);
  });

  it('filter by a clicked count alone, and show all rows after a second click', () => {
    const typed = act(screenState(shown), { type: 'filter-toggle', text: 'dir:projA' });
    const asking = act(act(typed, { type: 'open' }), { type: 'filter-toggle', text: 'status:asking' });
    expect(asking.focus).toBe('table');
    expect(names(asking.order)).toEqual(['ask1']);
    const all = act(asking, { type: 'filter-toggle', text: 'status:asking' });
    expect(all.filter).toBeUndefined();
    expect(all.order).toHaveLength(fleet.length);
    expect(all.selectedKey).toBe(asking.selectedKey);
  });

  it('select a clicked row, and open it if it is already selected', () => {
    const key = 'ses_dfc4cf0c2ffetool1';
    const once = act(screenState(shown), { type: 'click-row', key });
    expect([once.selectedKey, once.focus]).toEqual([key, 'table']);
    expect(act(once, { type: 'click-row', key }).focus).toBe('detail');
  });

  it('sort by a clicked header in its default direction, and reverse after a second click', () => {
    const first = act(screenState(shown), { type: 'sort-by', column: 'cost' });
    expect(first.sort).toEqual({ column: 'cost', descending: true });
    expect(names(first.order)[0]).toBe('ask1');
    expect(act(first, { type: 'sort-by', column: 'cost' }).sort.descending).toBe(false);
  });

  it('step through all sort columns and wrap around', () => {
    let ui = screenState(shown);
    for (const _column of columns) ui = act(ui, { type: 'sort-step', step: 1 });
    expect(ui.sort.column).toBe('status');
    expect(act(ui, { type: 'sort-step', step: -1 }).sort.column).toBe(columns.at(-1)?.id);
  });

  it('keep the Board on the screen while paused, and show the newest one afterwards', () => {
    const paused = act(screenState(shown), { type: 'pause' });
    const later = board(fleet.slice(0, 2));
    const still = act(paused, { type: 'board' }, later);
    expect(still.frozen).toBe(shown);
    expect(still.order).toEqual(paused.order);
    const going = act(still, { type: 'pause' }, later);
    expect(going.frozen).toBeUndefined();
    expect(going.order).toHaveLength(2);
  });

  it('remove a notice after four seconds', () => {
    const ui = act(screenState(shown), { type: 'next-waiting' }, board([]));
    expect(ui.notice?.text).toBe('nobody needs you');
    expect(act(ui, { type: 'board' }, shown, nowMs + 4000).notice).toBeUndefined();
  });

  it('return an effect for everything outside of the state', () => {
    const effects = (['quit', 'refresh', 'suspend', 'redraw'] as const).map(
      (type) => reduce(initialUiState, { type }, { board: shown, nowMs }).effects,
    );
    expect(effects).toEqual([
      [{ type: 'quit' }],
      [{ type: 'refresh' }],
      [{ type: 'suspend' }],
      [{ type: 'redraw' }, { type: 'refresh' }],
    ]);
  });
});

describe('scrolling the detail log', () => {
  const viewport = {
    ...initialUiState.viewport,
    detailRows: 10,
    detailTop: 0,
    detailFirst: 0,
    detailLast: 40,
  };
  const open = { ...act(screenState(shown), { type: 'open' }), viewport };

  it('moves by lines and pages within its bounds', () => {
    expect(act(open, { type: 'move', by: 1 }).detailTop).toBe(1);
    expect(act(open, { type: 'move', by: -1 }).detailTop).toBe(0);
    expect(act(open, { type: 'page', pages: 1 }).detailTop).toBe(9);
    expect(act(open, { type: 'page', pages: 0.5 }).detailTop).toBe(4);
  });

  it('follows the end again after reaching it', () => {
    expect(act(open, { type: 'move-to', index: Number.MAX_SAFE_INTEGER }).detailTop).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it('starts unscrolled for another session', () => {
    const scrolled = act(open, { type: 'move', by: 5 });
    expect(act(act(scrolled, { type: 'back' }), { type: 'move', by: 1 }).detailTop).toBeUndefined();
  });
});

describe('what the screen shows', () => {
  const children = [{ session: session({ id: 'ses_child' }), state: state('idle', 5), depth: 1 }];
  const boards = [shown, board(fleet.slice(1)), board(fleet.map((one) => ({ ...one, children })))];
  const actions: readonly Action[] = [
    { type: 'tree' },
    { type: 'fold', away: true },
    { type: 'fold', away: false },
    { type: 'pause' },
    { type: 'move', by: 1 },
    { type: 'sort-step', step: 1 },
    { type: 'next-waiting' },
    { type: 'filter-toggle', text: 'status:idle' },
    {
      type: 'menu',
      menu: { title: text('a menu'), items: [{ label: text('it'), action: { type: 'tree' } }], selected: 0 },
    },
    { type: 'menu-choose' },
  ];

  it('is the screenBoard of the new state after any actions', () => {
    const step = fc.oneof(fc.constantFrom(...boards), fc.constantFrom(...actions));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        let of = shown;
        let last = reduce(initialUiState, { type: 'board' }, { board: of, nowMs });
        steps.forEach((next, index) => {
          const action: Action = 'type' in next ? next : { type: 'board' };
          if (!('type' in next)) of = next;
          last = reduce(last.state, action, { board: of, shown: last.shown, nowMs: nowMs + index * 500 });
          expect(last.shown).toEqual(screenBoard(of, last.state));
        });
      }),
    );
  });

  it('is computed once for a Board and for each action that changes it, and for no other action', () => {
    const counted = vi.mocked(screenBoard);
    const of = board(fleet.map((one) => ({ ...one, children })));
    let last = reduce(initialUiState, { type: 'board' }, { board: of, nowMs });
    const countOf = (action: Action) => {
      counted.mockClear();
      last = reduce(last.state, action, { board: of, shown: last.shown, nowMs });
      return counted.mock.calls.length;
    };
    const changing = new Set<Action['type']>(['board', 'tree', 'fold', 'pause']);
    for (const action of [{ type: 'board' } as const, ...actions.slice(0, -2)])
      expect([action, countOf(action)]).toEqual([action, changing.has(action.type) ? 1 : 0]);
  });
});
