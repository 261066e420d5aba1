import { describe, expect, it } from 'vitest';
import { keyAction, shownKeys } from '../../../lib/domain/ui/key-action.ts';
import { keymap } from '../../../lib/domain/ui/keymap.ts';
import { board, fleet, screenState } from '../../support/board.ts';

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
