import { describe, expect, it } from 'vitest';
import type { Menu } from '../../../lib/domain/ui/action.ts';
import { keyAction } from '../../../lib/domain/ui/key-action.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import type { UiState } from '../../../lib/domain/ui/ui-state.ts';
import { board, fleet, screenState } from '../../support/board.ts';
import { nowMs, text } from '../../support/builders.ts';

const shown = board(fleet);
const question: Menu = {
  title: text('a question'),
  items: [
    { label: text('no'), key: 'n', action: { type: 'notice', text: text('left alone') } },
    { label: text('yes'), key: 'y', action: { type: 'copy', what: 'id' }, more: { type: 'pause' } },
    { label: text('cannot be chosen') },
  ],
  selected: 0,
};

/** The screen after keys, and the effects of the last key. */
function press(ui: UiState, ...keys: readonly string[]) {
  let step = reduce(ui, { type: 'board' }, { board: shown, nowMs });
  for (const key of keys) {
    const pressed = keyAction(key, step.state, shown);
    if (pressed && 'action' in pressed) step = reduce(step.state, pressed.action, { board: shown, nowMs });
  }
  return step;
}

const asked = screenState(shown, { type: 'menu', menu: question });

describe('a menu', () => {
  it('runs the item chosen with Enter or its own key, and closes', () => {
    expect(press(asked, 'Enter').state).toMatchObject({ notice: { text: 'left alone' } });
    const chosen = press(asked, 'y');
    expect(chosen.state.menu).toBeUndefined();
    expect(chosen.effects).toEqual([{ type: 'copy', key: 'ses_dfc4cf0c2ffeask1', what: 'id' }]);
    expect(press(asked, 'j', 'Enter').effects).toEqual(chosen.effects);
    expect(press(asked, 'Right').state.frozen).toBeUndefined();
    expect(press(asked, 'j', 'Right').state.frozen).toBe(shown);
  });

  it('takes every key: none reaches the table behind it', () => {
    const keys = ['s', 'v', 'z', 'x', '/', '2', 't', 'Y', '>', 'w', 'r', 'F9'];
    expect(press(asked, ...keys)).toEqual({ state: asked, effects: [], shown });
    expect(press(asked, 'C-z').effects).toEqual([{ type: 'suspend' }]);
  });

  it('keeps the cursor within its items, and stays open on an item without an action', () => {
    expect(press(asked, 'k').state.menu?.selected).toBe(0);
    const last = press(asked, 'G', 'j', 'Enter').state;
    expect(last.menu?.selected).toBe(2);
  });

  it('closes with Esc and opens its parent menu', () => {
    expect(press(asked, 'Esc').state.menu).toBeUndefined();
    const inner = screenState(shown, { type: 'menu', menu: { ...question, back: { type: 'sort-menu' } } });
    expect(press(inner, 'Esc').state.menu?.title).toBe('sort by');
    expect(press(inner, 'Esc', 'Esc').state.menu).toBeUndefined();
  });

  it('picks the sort column, and reverses the order of the current one', () => {
    const opened = press(screenState(shown), 'F6').state;
    expect(opened.menu?.items[opened.menu.selected]).toMatchObject({
      label: 'status',
      indicator: 'ascending',
    });
    expect(press(opened, 'j', 'Enter').state.sort).toEqual({ column: 'title', descending: false });
    expect(press(opened, 'Enter').state.sort).toEqual({ column: 'status', descending: true });
  });
});
