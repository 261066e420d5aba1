import { beforeEach, describe, expect, it } from 'vitest';
import { StreamedLines } from '../../lib/dashboard/streamed-lines.ts';
import type { Board } from '../../lib/domain/board/board.ts';
import { lastOutput } from '../../lib/domain/board/last-output.ts';
import type { RunResult } from '../../lib/system/run-program.ts';
import { board, row, screenState, state } from '../support/board.ts';
import { ago, pane, process, text } from '../support/builders.ts';
import { type HandClock, handClock } from '../support/clock.ts';

let clock: HandClock;
let captures: string[];
let tmuxResult: RunResult;
let changes: number;
let streamed: StreamedLines;

const screens = (...lines: string[]): RunResult => ({
  kind: 'ended',
  exitCode: 0,
  stdout: lines.map((line) => `     ${line}\n\n     ▣  Build · Fake One\n=====otop=====\n`).join(''),
});

const inPane = (pid: number, paneId: string) =>
  process({ pid, startedAtMs: ago(60), pane: pane({ paneId, socketPath: '/tmp/tmux-0/default' }) });
const writes = (id: string, pid: number) =>
  row(id, id, { state: state('generating', 5), process: inPane(pid, `%${pid}`) });

/** The last output that the table shows for each row. */
const shownLines = (of: Board) =>
  streamed.addTo(of, { ...screenState(of), viewport: viewport(of) }).rows.map(lastOutput);
const viewport = (of: Board, tableRows = 10) => ({ ...screenState(of).viewport, tableTop: 0, tableRows });

beforeEach(() => {
  clock = handClock();
  captures = [];
  tmuxResult = screens('the first', 'the second');
  changes = 0;
  streamed = new StreamedLines(
    async (_file, args) => {
      captures.push(args.filter((arg) => arg.startsWith('%')).join());
      return tmuxResult;
    },
    clock,
    () => {
      changes += 1;
    },
  );
});

describe('a streamed line', () => {
  it('is captured from all panes with one command, at most every three seconds', async () => {
    const of = board([writes('one', 1), writes('two', 2), row('idle', 'Idle')]);
    expect(shownLines(of).slice(0, 2)).toEqual(['writing', 'writing']);
    await clock.advance(100);
    expect(changes).toBe(1);
    expect(shownLines(of)).toEqual(['the first', 'the second', 'Reading the failing fixture now']);
    expect(captures).toEqual(['%1,%2']);
    await clock.advance(3000);
    shownLines(of);
    await clock.advance(100);
    expect(captures).toHaveLength(2);
    expect(changes).toBe(1);
  });

  it('is captured for visible rows only: none that is scrolled away, idle, or on another host', async () => {
    const of = board([writes('one', 1), writes('two', 2), row('idle', 'Idle')]);
    const { order } = screenState(of);
    streamed.addTo(of, { ...screenState(of), viewport: viewport(of, 1) });
    await clock.advance(3000);
    expect(captures).toEqual([order[0]?.endsWith('one') ? '%1' : '%2']);
    shownLines(board([row('idle', 'Idle')]));
    const host = { name: text('desk'), kind: 'ssh', link: 'live' } as const;
    shownLines(board([writes('one', 1)], { hosts: [host] }));
    await clock.advance(3000);
    expect(captures).toHaveLength(1);
  });

  it('stays "writing" if tmux fails, and is dropped when the stream ends', async () => {
    tmuxResult = { kind: 'timeout' };
    const of = board([writes('one', 1)]);
    shownLines(of);
    await clock.advance(100);
    expect(shownLines(of)).toEqual(['writing']);
    expect(changes).toBe(0);
    tmuxResult = screens('the first');
    await clock.advance(3000);
    shownLines(of);
    await clock.advance(100);
    expect(shownLines(of)).toEqual(['the first']);
    shownLines(board([row('one', 'one')]));
    expect(shownLines(of)).toEqual(['writing']);
  });

  it('is captured less often while nothing changes, until another row generates or a line changes', async () => {
    const capturesIn = async (seconds: number, of: Board) => {
      const before = captures.length;
      for (let second = 0; second < seconds; second += 1) {
        shownLines(of);
        await clock.advance(1000);
      }
      return captures.length - before;
    };
    const one = board([writes('one', 1)]);
    tmuxResult = screens('the same');
    expect(await capturesIn(60, one)).toBe(7);
    const two = board([writes('one', 1), writes('two', 2)]);
    tmuxResult = screens('the same', 'the second');
    expect(await capturesIn(6, two)).toBe(2);
    expect(await capturesIn(60, two)).toBeLessThan(8);
    tmuxResult = screens('another', 'the second');
    await capturesIn(12, two);
    tmuxResult = screens('yet another', 'the second');
    expect(await capturesIn(6, two)).toBe(2);
  });
});
