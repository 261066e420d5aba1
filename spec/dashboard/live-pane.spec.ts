import { beforeEach, describe, expect, it } from 'vitest';
import { LivePane } from '../../lib/dashboard/live-pane.ts';
import type { RunResult } from '../../lib/system/run-program.ts';
import { pane } from '../support/builders.ts';
import { type HandClock, handClock } from '../support/clock.ts';

let clock: HandClock;
let captures: string[];
let tmuxResult: RunResult;
let changes: number;
let live: LivePane;

const ended = (stdout: string): RunResult => ({ kind: 'ended', exitCode: 0, stdout });
const one = pane({ paneId: '%1' });
const other = pane({ paneId: '%2' });

beforeEach(() => {
  clock = handClock();
  captures = [];
  tmuxResult = ended('hello\n\n');
  changes = 0;
  live = new LivePane(
    async (_file, args) => {
      captures.push(String(args.at(-1)));
      return tmuxResult;
    },
    clock,
    () => {
      changes += 1;
    },
  );
});

describe('the live pane', () => {
  it('is captured three times a second while it is shown, and reports a change', async () => {
    expect(live.show(one)).toBeUndefined();
    await clock.advance(3000);
    expect(captures).toHaveLength(11);
    expect(changes).toBe(1);
    expect(live.show(one)).toEqual({ kind: 'lines', lines: [[{ text: 'hello', style: {} }]] });
    tmuxResult = ended('\x1b[31mbye');
    await clock.advance(300);
    expect(changes).toBe(2);
    expect(live.show(one)).toEqual({ kind: 'lines', lines: [[{ text: 'bye', style: { fg: 1 } }]] });
  });

  it('runs no tmux command while it is not shown', async () => {
    live.show(one);
    await clock.advance(300);
    live.show(undefined);
    const before = captures.length;
    await clock.advance(3000);
    expect(captures).toHaveLength(before);
  });

  it('shows no content of the previous pane', async () => {
    live.show(one);
    await clock.advance(300);
    expect(live.show(other)).toBeUndefined();
    await clock.advance(300);
    expect(captures.at(-1)).toBe('%2');
  });

  it('says why a capture failed, and captures less often then', async () => {
    tmuxResult = { kind: 'timeout' };
    live.show(one);
    await clock.advance(3000);
    expect(live.show(one)).toEqual({ kind: 'none', why: expect.stringContaining('does not answer') });
    expect(captures.length).toBeLessThanOrEqual(2);
  });
});
