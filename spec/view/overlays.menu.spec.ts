import { describe, expect, it } from 'vitest';
import type { Menu } from '../../lib/domain/ui/action.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { mouseAction } from '../../lib/view/hit.ts';
import { board, fleet, frame, screenState } from '../support/board.ts';
import { text } from '../support/builders.ts';

const question: Menu = {
  title: text('end a process'),
  text: [text('End pid 2878 of “Refactor the api client”?')],
  items: [
    { label: text('no'), detail: text('leave it alone'), key: 'n', action: { type: 'menu-close' } },
    { label: text('yes'), detail: text('SIGTERM'), key: 'y', action: { type: 'quit' } },
  ],
  selected: 0,
};
const shown = board(fleet);
const view = (menu: Menu, cols: number, rows: number) =>
  dashboardView(shown, screenState(shown, { type: 'menu', menu }), frame(cols, rows));
const lines = (of: string, from: number) => `\n${of.split('\n').slice(from).join('\n')}`;

describe('a menu on the screen', () => {
  it('is above its own keys', () => {
    expect(lines(frameText(view(question, 60, 14)), 8)).toMatchInlineSnapshot(`
      "
      ┌ end a process ───────────────────────────────────────────┐
      │ End pid 2878 of “Refactor the api client”?               │
      │▌ n  no   leave it alone                                  │
      │  y  yes  SIGTERM                                         │
      └──────────────────────────────────────────────────────────┘
       Enter choose  Esc close  j down  k up        otop 0.2% 84M"
    `);
  });

  it('scrolls with its cursor if it is too long', () => {
    const long = screenState(shown, { type: 'sort-menu' }, { type: 'menu-move', by: 12 });
    expect(lines(frameText(dashboardView(shown, long, frame(80, 12))), 0)).toMatchInlineSnapshot(`
      "
       otop   ? 1 asking   ✖ 1 failed   ● 1 done   ▶ 1 working   ○ 1 idle    14:30:00
      ┌ sort by  13 of 30 ───────────────────────────────────────────────────────────┐
      │      cpu          the process's CPU use, of one core                         │
      │      memory       the process's resident memory                              │
      │      context      how full the model's window was after the last turn        │
      │      window       tokens in the model's window after the last turn           │
      │▌     input        tokens the models were sent, cached ones included          │
      │      output       tokens the models wrote, reasoning included                │
      │      cost         US dollars, subagents included; empty if a model has no pr…│
      │      rate         tokens in the last full minute                             │
      └──────────────────────────────────────────────────────────────────────────────┘
       Enter choose  Esc close  j down  k up                            otop 0.2% 84M"
    `);
  });

  it('takes clicks and wheel events', () => {
    const shownMenu = view(question, 60, 14);
    const click = (y: number) => mouseAction(shownMenu, { kind: 'click', x: 5, y });
    expect([10, 11, 12].map(click)).toEqual([
      { type: 'menu-choose', index: 0 },
      { type: 'menu-choose', index: 1 },
      undefined,
    ]);
    expect(click(3)).toEqual({ type: 'menu-close' });
    expect(mouseAction(shownMenu, { kind: 'wheel-down', x: 5, y: 10 })).toEqual({ type: 'menu-move', by: 1 });
  });

  it('fits any screen from the minimum size up', () => {
    for (const [cols, rows] of [
      [40, 6],
      [41, 9],
      [200, 50],
    ] as const)
      for (const { rect } of view(question, cols, rows).panels)
        expect(rect.top + rect.height).toBeLessThanOrEqual(rows);
  });
});
