import { describe, expect, it } from 'vitest';
import { keyBar } from '../../lib/view/key-bar.ts';
import { lineText } from '../../lib/view/line.ts';
import { board, fleet, frame, screenState } from '../support/board.ts';

const shown = board(fleet, { demo: true });
const rect = { top: 39, left: 0, width: 150, height: 1 };
const { self: _self, ...input } = frame(150, 40);
const bar = (...actions: Parameters<typeof screenState>[1][]) => {
  const ui = screenState(shown, ...actions.filter((action) => action !== undefined));
  return keyBar(shown, ui, rect, input);
};
const text = (panel: ReturnType<typeof bar>) => panel.lines.map(lineText).join('').trimEnd();

describe('the key bar', () => {
  it('has the keys of the open layer', () => {
    expect(text(bar({ type: 'open' }))).toMatchInlineSnapshot(
      `" Esc back  Tab next tab  Enter jump  j down  k up  G end  ? help  q quit  y yank id  X end turn  F9 end"`,
    );
    expect(text(bar({ type: 'overlay', name: 'help' }))).toMatchInlineSnapshot(
      `" Esc back  j down  k up  G end  ? help  q quit"`,
    );
  });

  it('shows on a click why a key is disabled', () => {
    const { targets } = bar();
    expect(targets.map(({ action }) => action)).toContainEqual({
      type: 'notice',
      text: 'a simulated session has no terminal',
    });
  });
});
