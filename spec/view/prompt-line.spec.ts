import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../lib/domain/ui/action.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { mouseAction } from '../../lib/view/hit.ts';
import { board, fleet, frame, screenState } from '../support/board.ts';

const shown = board(fleet);
const type = (text: string): Action[] =>
  [...text].map((key) => ({ type: 'prompt-key', key: key === ' ' ? 'Space' : key }));
const open: Action = { type: 'prompt', purpose: 'filter' };
const view = (cols: number, rows: number, ...actions: readonly Action[]) =>
  dashboardView(shown, screenState(shown, ...actions), frame(cols, rows));
const picture = (cols: number, rows: number, ...actions: readonly Action[]) =>
  `\n${frameText(view(cols, rows, ...actions))}\n`;

describe('the filter on the screen', () => {
  it('is above the table with the count of hidden rows', () => {
    const kept = [open, ...type('title:pipeline|changelog'), { type: 'prompt-submit' } as const];
    expect(picture(90, 10, ...kept)).toMatchInlineSnapshot(`
      "
       otop   ? 1 asking   ✖ 1 failed   ● 1 done   ▶ 1 working   ○ 1 idle       $6.31  14:30:00
       filter  2 of 5 shown  2 hidden need you  title:pipeline|changelog  Esc clears
       STATUS ▴         TITLE                      MSGS     UP  ROUND  CPU  MEM  CTX   COST SUBS
      ▌▶ tool use 12s   Debug the pipeline           34  2h10m  5m12s 4.1% 812M  24%  $0.31    0
       ○ idle 30s       Write the changelog          34  2h09m  5m12s 4.1% 812M  24%  $0.31    0




       ? help  Enter detail  o jump  w next waiting  i inbox  / filter  q quit    otop 0.2% 84M
      "
    `);
  });

  it('has its own keys beneath the prompt', () => {
    expect(picture(80, 8, open, ...type('ctx>80'))).toMatchInlineSnapshot(`
      "
       otop   ? 1 asking   ✖ 1 failed   ● 1 done   ▶ 1 working   ○ 1 idle    14:30:00
       filter  2 of 5 shown  1 hidden needs you  ctx>80  Esc clears
       STATUS ▴         TITLE                          UP  ROUND  CPU  MEM  CTX   COST
      ▌? permission 3m  Refactor the api client     2h08m  5m12s 4.1% 812M  81%  $1.20
       ● done 1m        日本語のタイトルを直す 👍…  2h08m  5m12s 4.1% 812M  91%  $0.31

       filter: ctx>80
       Enter keep  Esc clear  Up earlier    word  status:asking  cost>1  -model:haiku
      "
    `);
  });

  it('shows a mistake beneath its position', () => {
    expect(picture(80, 8, open, ...type('api cots>1'))).toMatchInlineSnapshot(`
      "
       otop   ? 1 asking   ✖ 1 failed   ● 1 done   ▶ 1 working   ○ 1 idle    14:30:00
       filter  0 of 5 shown  2 hidden need you  api cots  Esc clears
       STATUS ▴         TITLE                          UP  ROUND  CPU  MEM  CTX   COST

        No session matches the filter.

       filter: api cots>1
       no field cots: did you mean cost? (put text that contains > in quotes)
      "
    `);
    expect(picture(40, 6, open, ...type('api cots>1'))).toMatchInlineSnapshot(`
      "
       otop   ? 1   ✖ 1   ● 1   ▶ 1   ○ 1
       filter  0 of 5 shown  2 hidden need you
       STATUS ▴ TITLE               CTX   COST

       filter: api cots>1
       no field cots: did you mean cost? (put…
      "
    `);
  });

  it('is cleared by a click on it', () => {
    const kept = view(80, 12, open, ...type('nowhere'), { type: 'prompt-submit' });
    expect(mouseAction(kept, { kind: 'click', x: 3, y: 1 })).toEqual({ type: 'filter-clear' });
    const states = screenState(
      shown,
      open,
      ...type('api'),
      { type: 'prompt-submit' },
      { type: 'filter-clear' },
    );
    expect([states.filter, states.order.length]).toEqual([undefined, fleet.length]);
  });

  it('says that nothing matches', () => {
    expect(picture(60, 9, open, ...type('nowhere'), { type: 'prompt-submit' })).toMatchInlineSnapshot(`
      "
       otop   ? 1   ✖ 1   ● 1   ▶ 1   ○ 1         $6.31  14:30:00
       filter  0 of 5 shown  2 hidden need you  nowhere  Esc clea…
       STATUS ▴         TITLE                           CTX   COST

        No session matches the filter.



       ? help  Enter detail  o jump                 otop 0.2% 84M
      "
    `);
  });

  it('keeps the cursor visible with any line', () => {
    const text = fc.array(fc.constantFrom('a', '日', '👍', 'é', ' ', 'Left', 'Home'), { maxLength: 80 });
    fc.assert(
      fc.property(text, fc.integer({ min: 40, max: 60 }), (keys, cols) => {
        const actions = keys.map((key): Action => ({ type: 'prompt-key', key: key === ' ' ? 'Space' : key }));
        const bottom = view(cols, 12, open, ...actions).panels.find(({ name }) => name === 'notice');
        const spans = bottom?.lines[0]?.spans ?? [];
        expect(spans.filter(({ style }) => style === 'cursor')).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a search on the screen', () => {
  it('shows matches in the titles in their own style', () => {
    const found = view(100, 20, { type: 'prompt', purpose: 'search' }, ...type('API'), {
      type: 'prompt-submit',
    });
    const table = found.panels.find(({ name }) => name === 'table');
    const marked = table?.lines.flatMap(({ spans }) => spans.filter(({ style }) => style === 'found'));
    expect(marked?.map(({ text }) => text)).toEqual(['api']);
  });
});
