import { describe, expect, it } from 'vitest';
import { foundIn } from '../../../lib/domain/table/search.ts';
import { keyAction } from '../../../lib/domain/ui/key-action.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import type { UiState } from '../../../lib/domain/ui/ui-state.ts';
import { board, fleet, row, screenState } from '../../support/board.ts';
import { nowMs } from '../../support/builders.ts';

const shown = board(fleet);
const names = (keys: readonly string[]) => keys.map((key) => key.replace('ses_dfc4cf0c2ffe', ''));

/** The screen after the characters of `text` and then the keys in `more`. */
function press(ui: UiState, text: string, ...more: readonly string[]): UiState {
  let state = ui;
  for (const key of [...[...text].map((each) => (each === ' ' ? 'Space' : each)), ...more]) {
    const pressed = keyAction(key, state, shown);
    if (pressed && 'action' in pressed) state = reduce(state, pressed.action, { board: shown, nowMs }).state;
  }
  return state;
}

const fresh = screenState(shown);

describe('typing a filter', () => {
  it('filters after every key, and Enter keeps the filter', () => {
    const typing = press(fresh, '/ship');
    expect(names(typing.order)).toEqual(['err1']);
    expect(typing.selectedKey).toBe('ses_dfc4cf0c2ffeerr1');
    const kept = press(typing, '', 'Enter');
    expect([kept.prompt, kept.filter?.text, names(kept.order)]).toEqual([undefined, 'ship', ['err1']]);
    const fewer = board(fleet.slice(0, 2));
    const next = reduce(kept, { type: 'board' }, { board: fewer, nowMs: nowMs + 1000 }).state;
    expect(reduce(next, { type: 'board' }, { board: fewer, nowMs: nowMs + 4000 }).state.order).toEqual([]);
  });

  it('is cleared by Esc, which selects the previous row again', () => {
    const down = press(fresh, 'jj');
    const back = press(press(down, '/ship'), '', 'Esc');
    expect([back.prompt, back.filter, back.order.length]).toEqual([undefined, undefined, fleet.length]);
    expect(back.selectedKey).toBe(down.selectedKey);
    expect(press(press(fresh, '/ship', 'Enter'), '', 'Esc').filter).toBeUndefined();
  });

  it('keeps the last valid filter while the line has a mistake, and does not close', () => {
    const wrong = press(fresh, '/ctx>80 "');
    expect(wrong.prompt?.problem).toEqual({ problem: 'this quote is not closed', at: 7 });
    expect(names(wrong.order)).toEqual(['ask1', 'cjk1']);
    expect(press(wrong, '', 'Enter')).toEqual(wrong);
    expect(press(wrong, 'api"', 'Enter').filter?.text).toBe('ctx>80 "api"');
  });

  it('takes every key as text: no key reaches the table behind it', () => {
    const typed = press(fresh, '/sIvzrqx?<G7', 'Tab', 'F9', 'F6', 'F10');
    expect(typed.prompt?.line.text).toBe('sIvzrqx?<G7');
    const { prompt: _prompt, filter: _filter, order: _order, ...rest } = typed;
    expect(rest).toMatchObject({ sort: fresh.sort, rowLines: 'auto', focus: 'table' });
  });

  it('goes through the history, and back to the line being typed', () => {
    const twice = press(press(fresh, '/api', 'Enter', 'Esc'), '/ship', 'Enter', 'Esc');
    const texts = [['Up'], ['Up', 'Up', 'Up'], ['Up', 'Up', 'Down'], ['Up', 'Down']].map(
      (keys) => press(press(twice, '/x'), '', ...keys).prompt?.line.text,
    );
    expect(texts).toEqual(['ship', 'api', 'ship', 'x']);
  });

  it('takes a paste as text; without a prompt a paste does nothing', () => {
    const paste = { type: 'paste', text: 'ship\nit qx' } as const;
    expect(reduce(press(fresh, '/'), paste, { board: shown, nowMs }).state.filter?.text).toBe('ship it qx');
    const ignored = reduce(fresh, paste, { board: shown, nowMs });
    expect(ignored.effects).toEqual([]);
    expect(ignored.state).toEqual({ ...fresh, notice: expect.anything() });
  });

  it('reports that the filter hides the next waiting session', () => {
    const hidden = press(press(fresh, '/changelog', 'Enter'), 'w');
    expect(hidden.notice?.text).toBe('no session on the screen needs you; the filter hides those that do');
  });
});

describe('searching', () => {
  it('selects the first title that contains the text, and moves on with n and N', () => {
    const found = press(fresh, '', 'F3', 'd', 'e', 'b', 'Enter');
    expect(names([found.selectedKey ?? ''])).toEqual(['tool1']);
    const all = press(fresh, '', 'F3', 'a', 'Enter');
    const visited = [all, press(all, 'n'), press(all, 'nn'), press(all, 'nnn'), press(all, 'N')];
    expect(names(visited.map(({ selectedKey }) => selectedKey ?? ''))).toEqual([
      'ask1',
      'idle1',
      'ask1',
      'idle1',
      'idle1',
    ]);
    expect(press(all, '', 'Esc').search).toBeUndefined();
  });

  it('reports that nothing is found, and Esc selects the previous row again', () => {
    const down = press(fresh, 'jj');
    const lost = press(down, '', 'F3', 'e', 'b', 'z');
    expect(lost.prompt?.problem?.problem).toBe('no title contains this');
    expect(press(lost, '', 'Esc')).toMatchObject({ selectedKey: down.selectedKey });
    expect(keyAction('n', fresh, shown)).toEqual({ disabled: 'no search is active: F3 starts one' });
  });

  it('ignores case and accents, and returns the position of the match', () => {
    expect(foundIn('Le Débogage', 'deb')).toEqual([3, 6]);
    expect(foundIn('日本語 👍 Done', 'DONE')).toEqual([7, 11]);
    expect(foundIn('abc', 'x')).toBeUndefined();
    expect(row('x', 'Débogage').session?.title).toContain('é');
  });
});
