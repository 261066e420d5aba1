import { describe, expect, it } from 'vitest';
import { waitingRows } from '../../lib/domain/board/attention.ts';
import { waitingLines } from '../../lib/view/status-groups.ts';
import { fleet, row, state } from '../support/board.ts';
import { nowMs, process } from '../support/builders.ts';

const { pane: _pane, ...bare } = process();
const { process: _process, ...orphaned } = row('gone1', 'Without a process');

describe('the lines of `otop waiting`', () => {
  it('name the sessions that need you in columns, the longest wait first', () => {
    const odd = [
      row('tty1', 'On a plain terminal', {
        process: bare,
        state: state('asking', 4, { askingFor: 'question' }),
      }),
      { ...orphaned, state: { ...state('truncated', 9_000), sinceMs: nowMs - 9_000_000 } },
    ];
    expect(waitingLines(waitingRows([...fleet, ...odd]), nowMs).join('\n')).toMatchInlineSnapshot(`
      "truncated   2h30m   Without a process        no process
      error       10m00s  Ship it 👨               tmux work:8.1
      permission  3m05s   Refactor the api client  tmux work:8.1
      question    4s      On a plain terminal      pid 2878 pts/0"
    `);
  });

  it('put a session with an unknown start at the end', () => {
    const { sinceMs: _since, ...undated } = state('error', 0);
    const rows = waitingRows([row('old', 'Undated', { state: undated }), ...fleet]);
    expect(rows.map(({ session }) => session?.title)).toEqual([
      'Ship it 👨',
      'Refactor the api client',
      'Undated',
    ]);
    expect(waitingLines(rows, nowMs)[2]).toMatch(/^error +- +Undated/);
  });

  it('are empty if no session needs you', () => {
    expect(waitingLines([], nowMs)).toEqual([]);
  });
});
