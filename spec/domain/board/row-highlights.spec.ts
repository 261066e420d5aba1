import { describe, expect, it } from 'vitest';
import type { Board, Row } from '../../../lib/domain/board/board.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import type { UiState } from '../../../lib/domain/ui/ui-state.ts';
import { dashboardView } from '../../../lib/view/dashboard.ts';
import { frameText } from '../../../lib/view/frame.ts';
import { board, frame, row, screenState, state } from '../../support/board.ts';
import { nowMs } from '../../support/builders.ts';

const one = row('one', 'The first');
const two = row('two', 'The second', { state: state('idle', 40) });
const three = row('three', 'The third', { state: state('idle', 50) });
const start = screenState(board([one, two]));

const next = (ui: UiState, of: Board, atMs: number) =>
  reduce(ui, { type: 'board' }, { board: of, nowMs: nowMs + atMs }).state;

/** The sign before each row, and its title. */
function rows(ui: UiState, of: Board, atMs: number): string[] {
  const view = dashboardView(of, ui, frame(60, 8, { nowMs: nowMs + atMs }));
  const lines = frameText(view).split('\n').slice(2, -1);
  return lines.flatMap((line) => {
    const title = /The \w+/.exec(line)?.[0];
    return title === undefined ? [] : [`${line[0]} ${title}`];
  });
}

describe('a row', () => {
  it('that appears is highlighted for a moment', () => {
    const of = board([one, two, three]);
    const ui = next(start, of, 1000);
    expect(rows(ui, of, 1000).toSorted()).toEqual(['  The second', '+ The third', '▌ The first']);
    expect(rows(ui, of, 3100).toSorted()).toEqual(['  The second', '  The third', '▌ The first']);
  });

  it('that disappears stays in its position for a moment', () => {
    const of = board([one]);
    const ui = next(start, of, 1000);
    expect(rows(ui, of, 1000)).toEqual(['▌ The first', '- The second']);
    expect(rows(next(ui, of, 2000), of, 2000)).toEqual(['▌ The first', '- The second']);
    expect(next(ui, of, 3100).order).toEqual([one.key]);
  });

  it('that comes back is new, not gone', () => {
    const gone = next(start, board([one]), 1000);
    const back = next(gone, board([one, two]), 1500);
    expect(rows(back, board([one, two]), 1500)).toContain('+ The second');
    expect(back.order).toHaveLength(2);
  });

  it('is highlighted when its state changes, but not between thinking and writing', () => {
    const inState = (name: 'thinking' | 'generating') => board([one, { ...two, state: state(name, 0) }]);
    const onFirst = screenState(board([one, two]), { type: 'move-to', index: 0 });
    const working = next(onFirst, inState('thinking'), 1000);
    expect(rows(working, inState('thinking'), 1000)).toContain('* The second');
    const writing = next(next(working, inState('thinking'), 4000), inState('generating'), 5000);
    expect(rows(writing, inState('generating'), 5000)).toContain('  The second');
  });

  it('of a process that starts its first session is neither new nor gone', () => {
    const { session: _session, match: _match, ...process } = two;
    const fresh: Row = { ...process, key: `pid:${two.process?.pid}`, state: state('new', 5) };
    const before = screenState(board([one, fresh]));
    const after = next(before, board([one, two]), 1000);
    expect(rows(after, board([one, two]), 1000)).toEqual(['▌ The first', '  The second']);
  });

  it('without a process is not highlighted, and neither is any row of the first Board', () => {
    const { process: _process, ...alone } = three;
    const of = board([one, two, alone]);
    const ui = next(start, of, 1000);
    expect(rows(ui, of, 1000)).toContain('  The third');
    expect(next(ui, board([one, two]), 1500).order).toHaveLength(2);
    expect(rows(start, board([one, two]), 0)).toEqual(['▌ The first', '  The second']);
  });
});
