import { describe, expect, it } from 'vitest';
import { keyAction, shownKeys } from '../../../lib/domain/ui/key-action.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import { remapped } from '../../../lib/domain/ui/remap.ts';
import type { UiState } from '../../../lib/domain/ui/ui-state.ts';
import { board, fleet, screenState } from '../../support/board.ts';
import { nowMs } from '../../support/builders.ts';

const shown = board(fleet);

/** The state after keys, with the effects of all keys. */
function press(ui: UiState, ...keys: readonly string[]) {
  let state = ui;
  const effects = [];
  for (const key of keys) {
    const pressed = keyAction(key, state, shown);
    if (!pressed || !('action' in pressed)) continue;
    const step = reduce(state, pressed.action, { board: shown, nowMs });
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

const fresh = screenState(shown);
const toItem = (label: string) => {
  const items = press(fresh, 'F2').state.menu?.items ?? [];
  return ['F2', ...Array.from({ length: items.findIndex((item) => item.label === label) }, () => 'j')];
};

describe('F2', () => {
  it('shows a change at once and saves only what changed when it is closed', () => {
    const themed = press(fresh, ...toItem('theme'), 'Enter', 'j', 'Enter');
    expect(themed.state.settings.theme).toBe('light');
    expect(themed.effects).toEqual([]);
    const done = press(themed.state, 'Esc', 'Esc');
    expect(done.state).toMatchObject({ settings: { theme: 'light' } });
    expect([done.state.menu, done.state.setup]).toEqual([undefined, undefined]);
    expect(done.effects).toEqual([{ type: 'save-settings', changes: { theme: 'light' } }]);
    expect(press(fresh, 'F2', 'Esc').effects).toEqual([]);
  });

  it('switches lines, order and mouse like the keys do, and saves single fields', () => {
    const lines = press(fresh, ...toItem('lines a session'), 'Right', 'Esc');
    expect(lines.state.rowLines).toBe('one');
    expect(lines.effects).toEqual([{ type: 'save-settings', changes: { layout: { rows: 'one' } } }]);
    const mouse = press(fresh, ...toItem('mouse'), 'Enter', 'Esc');
    expect(mouse.effects).toEqual([
      { type: 'mouse', on: false },
      { type: 'save-settings', changes: { mouse: false } },
    ]);
    const sorted = press(fresh, ...toItem('sort by'), 'Enter', 'G', 'Enter', 'Esc', 'Esc');
    expect(sorted.state.sort).toEqual({ column: 'host', descending: false });
    expect(sorted.effects).toEqual([
      { type: 'save-settings', changes: { sort: { column: 'host', descending: false } } },
    ]);
  });

  it('does not save changes that keys made before it was opened', () => {
    const switched = press(fresh, 'v', 's').state;
    expect(press(switched, 'F2', 'Esc').effects).toEqual([]);
    expect(press(switched, 'F2').state.menu?.items.map(({ detail }) => detail)).toContain('two');
  });

  it('hides, shows and moves columns', () => {
    const columns = (...keys: readonly string[]) =>
      press(fresh, 'F2', 'Enter', ...keys).state.settings.columns.slice(0, 4);
    expect(columns()).toEqual(['status', 'title', 'last', 'messages']);
    expect(columns('j', 'Enter')).toEqual(['status', 'last', 'messages', 'sid']);
    expect(columns('j', 'Right', 'Right')).toEqual(['status', 'last', 'messages', 'title']);
    expect(columns('j', 'Left', 'Left')).toEqual(['title', 'status', 'last', 'messages']);
    const again = press(fresh, 'F2', 'Enter', 'Enter', 'G', 'Enter').state.settings.columns;
    expect([again[0], again.at(-1)]).toEqual(['title', 'status']);
  });

  it('undoes all its changes', () => {
    const undone = press(fresh, ...toItem('gauges'), 'Enter', 'k', 'Enter', 'G', 'Enter');
    expect(undone.state.settings).toEqual(fresh.settings);
    expect(undone.effects).toEqual([]);
    expect(undone.state.menu).toBeUndefined();
  });

  it('steps within the bounds of each setting', () => {
    const held = (label: string, key: string) =>
      press(fresh, ...toItem(label), ...Array.from({ length: 400 }, () => key)).state.settings;
    expect([held('delay', 'Left').delay, held('delay', 'Right').delay]).toEqual([0.2, 60]);
    expect(held('table height', 'Right').layout.tablePercent).toBe(90);
  });
});

describe('configured keys', () => {
  it('replace, move or remove the default keys', () => {
    const ui = { ...fresh, keymap: remapped({ J: 'page down', x: null, k: 'sort next' }) };
    expect(keyAction('J', ui, shown)).toEqual({ action: { type: 'page', pages: 1 } });
    expect(keyAction('PgDn', ui, shown)).toEqual({ action: { type: 'page', pages: 1 } });
    expect(keyAction('x', ui, shown)).toBeUndefined();
    expect(keyAction('k', ui, shown)).toEqual({ action: { type: 'sort-step', step: 1 } });
    expect(keyAction('Up', ui, shown)).toEqual({ action: { type: 'move', by: -1 } });
    expect(ui.keymap.map(shownKeys)).toEqual(expect.arrayContaining(['J PgDn Ctrl-F', 'F9', 'k >']));
  });
});
