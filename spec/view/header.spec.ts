import { describe, expect, it } from 'vitest';
import { stateNames } from '../../lib/domain/session/state.ts';
import { matchesFilter, parseFilter } from '../../lib/domain/table/filter.ts';
import { headerPanel } from '../../lib/view/header.ts';
import { lineText } from '../../lib/view/line.ts';
import { board, fleet, frame, row, screenState, state } from '../support/board.ts';
import { nowMs } from '../support/builders.ts';

const rect = (width: number) => ({ top: 0, left: 0, width, height: 1 });
const header = (of = board(fleet), width = 160) =>
  headerPanel(of, screenState(of), rect(width), frame(width, 40));

/** The text of each clickable rectangle. */
const clickable = ({ lines, targets }: ReturnType<typeof header>) =>
  targets.map(({ left, width }) =>
    lines
      .map(lineText)
      .join('')
      .slice(left, left + width),
  );

describe('the counts of the header', () => {
  it('are clickable at their position, at any width', () => {
    expect(clickable(header())).toEqual([
      ' ? 1 asking ',
      ' ✖ 1 failed ',
      ' ● 1 done ',
      ' ▶ 1 working ',
      ' ○ 1 idle ',
    ]);
    expect(clickable(header(board(fleet), 40))).toEqual([' ? 1 ', ' ✖ 1 ', ' ● 1 ', ' ▶ 1 ', ' ○ 1 ']);
    expect(clickable(header(board([])))).toEqual([]);
    expect(header(board([])).lines.map(lineText).join('')).toContain('no sessions');
  });

  it('filter exactly the rows that they count', () => {
    const rows = stateNames.flatMap((name, index) => [
      row(`${index}a`, name, { state: state(name, 5) }),
      row(`${index}b`, name, { state: state(name, 5, { unread: name === 'idle' }) }),
    ]);
    const shown = board(rows);
    const counted = header(shown).targets.map(({ action }) => {
      const read = parseFilter(action.type === 'filter-toggle' ? action.text : '(');
      if ('problem' in read) throw new Error(read.problem);
      return rows.filter((each) => matchesFilter(read.filter, each, nowMs)).length;
    });
    expect(clickable(header(shown)).map((text) => Number(/\d+/.exec(text)?.[0]))).toEqual(counted);
    expect(counted.reduce((sum, count) => sum + count)).toBe(rows.length);
  });
});
