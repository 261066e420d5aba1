import { beforeEach, describe, expect, it } from 'vitest';
import { StreamedLines } from '../../lib/dashboard/streamed-lines.ts';
import type { Board } from '../../lib/domain/board/board.ts';
import { lastOutput } from '../../lib/domain/board/last-output.ts';
import type { RunResult } from '../../lib/system/run-program.ts';
import { board, row, screenState, state } from '../support/board.ts';
import { ago, pane, process, text } from '../support/builders.ts';
import { type HandClock, handClock } from '../support/clock.ts';

let clock: HandClock;
let asked: string[];
let answer: RunResult;
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

/** What the table says of each row. */
const told = (of: Board) =>
  streamed.on(of, { ...screenState(of), viewport: viewport(of) }).rows.map(lastOutput);
const viewport = (of: Board, tableRows = 10) => ({ ...screenState(of).viewport, tableTop: 0, tableRows });

beforeEach(() => {
  clock = handClock();
  asked = [];
  answer = screens('the first', 'the second');
  changes = 0;
  streamed = new StreamedLines(
    async (_file, args) => {
      asked.push(args.filter((arg) => arg.startsWith('%')).join());
      return answer;
    },
    clock,
    () => {
      changes += 1;
    },
  );
});

describe('what models write', () => {
  it('is read from all panes by one command, at most every three seconds', async () => {
    const of = board([writes('one', 1), writes('two', 2), row('idle', 'Idle')]);
    expect(told(of).slice(0, 2)).toEqual(['writing', 'writing']);
    await clock.advance(100);
    expect(changes).toBe(1);
    expect(told(of)).toEqual(['the first', 'the second', 'Reading the failing fixture now']);
    expect(asked).toEqual(['%1,%2']);
    await clock.advance(3000);
    told(of);
    await clock.advance(100);
    expect(asked).toHaveLength(2);
    expect(changes).toBe(1);
  });

  it('is asked for where somebody sees it: no row that is scrolled away, at rest, or of another host', async () => {
    const of = board([writes('one', 1), writes('two', 2), row('idle', 'Idle')]);
    const { order } = screenState(of);
    streamed.on(of, { ...screenState(of), viewport: viewport(of, 1) });
    await clock.advance(3000);
    expect(asked).toEqual([order[0]?.endsWith('one') ? '%1' : '%2']);
    told(board([row('idle', 'Idle')]));
    const host = { name: text('desk'), kind: 'ssh', link: 'live' } as const;
    told(board([writes('one', 1)], { hosts: [host] }));
    await clock.advance(3000);
    expect(asked).toHaveLength(1);
  });

  it('stays "writing" where tmux gives no answer, and is forgotten when the stream ends', async () => {
    answer = { kind: 'timeout' };
    const of = board([writes('one', 1)]);
    told(of);
    await clock.advance(100);
    expect(told(of)).toEqual(['writing']);
    expect(changes).toBe(0);
    answer = screens('the first');
    await clock.advance(3000);
    told(of);
    await clock.advance(100);
    expect(told(of)).toEqual(['the first']);
    told(board([row('one', 'one')]));
    expect(told(of)).toEqual(['writing']);
  });

  it('is asked for ever less often where nothing changes, until another row writes or a line changes', async () => {
    const asksIn = async (seconds: number, of: Board) => {
      const before = asked.length;
      for (let second = 0; second < seconds; second += 1) {
        told(of);
        await clock.advance(1000);
      }
      return asked.length - before;
    };
    const one = board([writes('one', 1)]);
    answer = screens('the same');
    expect(await asksIn(60, one)).toBe(7);
    const two = board([writes('one', 1), writes('two', 2)]);
    answer = screens('the same', 'the second');
    expect(await asksIn(6, two)).toBe(2);
    expect(await asksIn(60, two)).toBeLessThan(8);
    answer = screens('another', 'the second');
    await asksIn(12, two);
    answer = screens('yet another', 'the second');
    expect(await asksIn(6, two)).toBe(2);
  });
});
