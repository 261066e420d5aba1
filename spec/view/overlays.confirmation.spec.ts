import { describe, expect, it } from 'vitest';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { mouseAction } from '../../lib/view/hit.ts';
import { board, fleet, frame, row, screenState } from '../support/board.ts';

const shown = board([...fleet, row('long', 'a very long title '.repeat(20))]);

function view(cols: number, rows: number, key?: string) {
  const select = key === undefined ? [] : [{ type: 'click-row' as const, key }];
  return dashboardView(shown, screenState(shown, ...select, { type: 'confirm-end' }), frame(cols, rows));
}

describe('a confirmation', () => {
  it('covers the lower part of the screen', () => {
    expect(`\n${frameText(view(60, 12))}\n`).toMatchInlineSnapshot(`
      "
       otop   ? 1   ✖ 1   ● 1   ▶ 1   ○ 2         $6.31  14:30:00
       STATUS ▴         TITLE                           CTX   COST
      ▌? permission 3m  Refactor the api client         81%  $1.20
       ✖ error 10m      Ship it 👨
       ● done 1m        日本語のタイトルを直す 👍 done  91%  $0.31
       ▶ tool use 12s   Debug the pipeline              24%  $0.31
      ┌ ? ───────────────────────────────────────────────────────┐
      │ End 'Refactor the api client'?                           │
      │ pid 2368 tui pts/0 by SIGTERM                            │
      │ [y] yes  [n] no, as any other key                        │
      └──────────────────────────────────────────────────────────┘
       y yes  n no                                  otop 0.2% 84M
      "
    `);
  });

  it('shows its answers in the smallest pane with any title', () => {
    expect(`\n${frameText(view(40, 6, 'ses_dfc4cf0c2ffelong'))}\n`).toMatchInlineSnapshot(`
      "
      ┌ ? ───────────────────────────────────┐
      │ End 'a very long title a very long   │
      │ pid 2432 tui pts/0 by SIGTERM        │
      │ [y] yes  [n] no, as any other key    │
      └──────────────────────────────────────┘
       y yes  n no
      "
    `);
  });

  it('takes a click on an answer, and closes after a click outside of it', () => {
    const click = (x: number, y: number) => mouseAction(view(60, 12), { kind: 'click', x, y });
    expect(click(3, 9)).toEqual({ type: 'confirm-key', key: 'y' });
    expect(click(12, 9)).toEqual({ type: 'confirm-key', key: 'n' });
    expect(click(3, 2)).toEqual({ type: 'back' });
    expect(mouseAction(view(60, 12), { kind: 'wheel-down', x: 3, y: 2 })).toBeUndefined();
  });
});
