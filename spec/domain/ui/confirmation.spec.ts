import { describe, expect, it } from 'vitest';
import type { Action } from '../../../lib/domain/ui/action.ts';
import { keyAction } from '../../../lib/domain/ui/key-action.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import type { UiState } from '../../../lib/domain/ui/ui-state.ts';
import { dashboardView } from '../../../lib/view/dashboard.ts';
import { board, fleet, frame, screenState } from '../../support/board.ts';
import { nowMs } from '../../support/builders.ts';

const shown = board(fleet);
const step = (ui: UiState, action: Action, atMs: number) =>
  reduce(ui, action, { board: shown, nowMs: nowMs + atMs });
const asked = () => step(screenState(shown), { type: 'confirm-end' }, 0).state;

/** Presses keys, each a number of milliseconds after the confirmation opened. */
function type(ui: UiState, ...keys: readonly (readonly [string, number])[]) {
  let state = ui;
  const effects: unknown[] = [];
  for (const [key, atMs] of keys) {
    const meant = keyAction(key, state, shown);
    if (!meant || !('action' in meant)) continue;
    const next = step(state, meant.action, atMs);
    state = next.state;
    effects.push(...next.effects.filter((effect) => effect.type === 'end-process'));
  }
  return { state, effects };
}

describe('the confirmation to end a process', () => {
  it('names the session, the process and the signal', () => {
    expect(asked().confirmation?.lines).toEqual([
      "End 'Refactor the api client'?",
      'pid 2368 tui pts/0 by SIGTERM',
    ]);
  });

  it('accepts a y once a person had time to read', () => {
    const { state, effects } = type(asked(), ['y', 400]);
    expect(effects).toEqual([
      {
        type: 'end-process',
        signal: 'SIGTERM',
        pid: 2368,
        key: expect.stringContaining('2368:'),
        startedAtMs: expect.any(Number),
      },
    ]);
    expect(state.confirmation).toBeUndefined();
    expect(step(state, { type: 'confirm-end' }, 5000).state.confirmation?.lines).toEqual([
      "Kill 'Refactor the api client'?",
      'pid 2368 tui pts/0 by SIGKILL',
    ]);
  });

  it('takes every other key as no, Esc included', () => {
    for (const key of ['n', 'Enter', 'Esc', 'q', 'Y', 'j', ' ']) {
      const { state, effects } = type(asked(), [key, 400]);
      expect([key, effects, state.confirmation, state.notice?.text]).toEqual([
        key,
        [],
        undefined,
        'nothing was done',
      ]);
    }
  });

  it('ignores a paste and a key that is held down', () => {
    expect(type(screenState(shown), ['x', 0], ['y', 1], ['o', 2], ['u', 3]).effects).toEqual([]);
    expect(type(screenState(shown), ['x', 0], ['y', 1], ['y', 2]).effects).toEqual([]);
    const held = type(screenState(shown), ['x', 0], ['x', 400], ['x', 430]);
    expect(held.effects).toEqual([]);
    expect(held.state.confirmation).toBeDefined();
  });

  it('neither opens nor accepts an answer on a terminal that is too small to show it', () => {
    const shrunk = (ui: UiState, cols: number, rows: number) => ({
      ...ui,
      viewport: dashboardView(shown, ui, frame(cols, rows)).viewport,
    });
    const tiny = shrunk(asked(), 12, 3);
    expect(type(tiny, ['y', 400]).state).toEqual(tiny);
    expect(type(shrunk(screenState(shown), 39, 6), ['x', 0], ['y', 400])).toMatchObject({ effects: [] });
    expect(type(shrunk(tiny, 40, 6), ['y', 400]).effects).toHaveLength(1);
    const meant = ['q', 'C-c', 'C-z', 'C-l', 'r', 'i'].map((key) => keyAction(key, tiny, shown));
    expect(meant.flatMap((each) => (each && 'action' in each ? each.action.type : 'nothing'))).toEqual([
      'quit',
      'quit',
      'suspend',
      'redraw',
      'refresh',
      'nothing',
    ]);
  });

  it('does not open with --read-only, in the demo or without a process, and says why', () => {
    const ui = screenState(shown);
    expect(keyAction('F9', { ...ui, readOnly: true }, shown)).toEqual({
      disabled: 'otop was started with --read-only',
    });
    expect(keyAction('F9', ui, board(fleet, { demo: true }))).toEqual({
      disabled: 'a simulated process cannot be ended',
    });
    const alone = fleet.map(({ process: _process, ...rest }) => rest);
    expect(keyAction('F9', ui, board(alone))).toEqual({ disabled: 'no process runs this session' });
  });
});
