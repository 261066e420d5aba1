import { beforeEach, describe, expect, it } from 'vitest';
import { LivePane } from '../../lib/dashboard/live-pane.ts';
import type { RunResult } from '../../lib/system/run-program.ts';
import { pane } from '../support/builders.ts';
import { type HandClock, handClock } from '../support/clock.ts';

let clock: HandClock;
let asked: string[];
let answer: RunResult;
let changes: number;
let live: LivePane;

const ended = (stdout: string): RunResult => ({ kind: 'ended', exitCode: 0, stdout });
const one = pane({ paneId: '%1' });
const other = pane({ paneId: '%2' });

beforeEach(() => {
  clock = handClock();
  asked = [];
  answer = ended('hello\n\n');
  changes = 0;
  live = new LivePane(
    async (_file, args) => {
      asked.push(String(args.at(-1)));
      return answer;
    },
    clock,
    () => {
      changes += 1;
    },
  );
});

describe('the live pane', () => {
  it('is asked for three times a second while it is shown, and tells when it changed', async () => {
    expect(live.show(one)).toBeUndefined();
    await clock.advance(3000);
    expect(asked).toHaveLength(11);
    expect(changes).toBe(1);
    expect(live.show(one)).toEqual({ kind: 'lines', lines: [[{ text: 'hello', style: {} }]] });
    answer = ended('\x1b[31mbye');
    await clock.advance(300);
    expect(changes).toBe(2);
    expect(live.show(one)).toEqual({ kind: 'lines', lines: [[{ text: 'bye', style: { fg: 1 } }]] });
  });

  it('costs nothing once it is not shown', async () => {
    live.show(one);
    await clock.advance(300);
    live.show(undefined);
    const before = asked.length;
    await clock.advance(3000);
    expect(asked).toHaveLength(before);
  });

  it('shows nothing of the pane before', async () => {
    live.show(one);
    await clock.advance(300);
    expect(live.show(other)).toBeUndefined();
    await clock.advance(300);
    expect(asked.at(-1)).toBe('%2');
  });

  it('says why there is nothing to see, and asks less often then', async () => {
    answer = { kind: 'timeout' };
    live.show(one);
    await clock.advance(3000);
    expect(live.show(one)).toEqual({ kind: 'none', why: expect.stringContaining('gives no answer') });
    expect(asked.length).toBeLessThanOrEqual(2);
  });
});
