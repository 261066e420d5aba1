import { describe, expect, it } from 'vitest';
import type { Action } from '../../lib/domain/ui/action.ts';
import { keyAction } from '../../lib/domain/ui/key-action.ts';
import { reduce } from '../../lib/domain/ui/reduce.ts';
import type { UiState } from '../../lib/domain/ui/ui-state.ts';
import { SharedViewedTimes } from '../../lib/monitor/viewed-times.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { board, fleet, frame, screenState } from '../support/board.ts';
import { nowMs, text } from '../support/builders.ts';

const dayMs = 86_400_000;
const shown = board(fleet);
const act = (ui: UiState, action: Action, atMs: number, of = shown) =>
  reduce(ui, action, { board: of, nowMs: atMs }).state;
const rowsAt = (ui: UiState, atMs: number, of = shown) =>
  frameText(dashboardView({ ...of, atMs }, ui, frame(110, 30, { nowMs: atMs })));

describe('a clock that is set back or forward by a day', () => {
  it('ends notices and fading rows, which last only a moment', () => {
    const fewer = board(fleet.slice(1));
    const gone = act(screenState(shown), { type: 'board' }, nowMs, fewer);
    const noticed = act(gone, { type: 'notice', text: text('copied') }, nowMs, fewer);
    expect(rowsAt(noticed, nowMs, fewer)).toContain('copied');
    expect(rowsAt(noticed, nowMs, fewer)).toContain('Write the changelog');
    const earlier = act(noticed, { type: 'board' }, nowMs - dayMs, fewer);
    expect(rowsAt(earlier, nowMs - dayMs, fewer)).not.toContain('copied');
    expect(rowsAt(earlier, nowMs - dayMs, fewer)).not.toContain('Write the changelog');
  });

  it('does not prevent the answer to a question', () => {
    const ui = { ...screenState(shown), selectedKey: shown.rows[0]?.key ?? '' };
    const pressed = keyAction('F9', ui, shown);
    if (!pressed || !('action' in pressed)) throw new Error('no question');
    const asked = act(ui, pressed.action, nowMs);
    expect(asked.confirmation).toBeDefined();
    const answer = keyAction('y', asked, shown);
    if (!answer || !('action' in answer)) throw new Error('no answer');
    expect(
      reduce(asked, answer.action, { board: shown, nowMs: nowMs - dayMs }).effects.map(({ type }) => type),
    ).toEqual(['end-process']);
  });

  it.each([-dayMs, dayMs])('shows no impossible time: %i ms', (byMs) => {
    const ui = act(screenState(shown), { type: 'board' }, nowMs + byMs);
    const rows = rowsAt(ui, nowMs + byMs);
    expect(rows).not.toMatch(/-\d+[smhd]|NaN|Infinity|undefined/);
    if (byMs < 0) expect(rows).toContain('permission 0s');
    else expect(rows).toContain('permission 1d');
  });

  it('drops view times in the future, which would hide the end of each turn until then', () => {
    const times = new SharedViewedTimes(undefined);
    times.begin(nowMs + dayMs);
    times.note('ses_a', nowMs + dayMs);
    times.note('ses_b', nowMs - 1000);
    times.dropFuture(nowMs + dayMs);
    expect(times.bySession.size).toBe(2);
    times.dropFuture(nowMs);
    expect([...times.bySession]).toEqual([['ses_b', nowMs - 1000]]);
    expect(times.baselineMs).toBe(nowMs);
  });
});
