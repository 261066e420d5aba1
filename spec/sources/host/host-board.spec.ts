import { describe, expect, it } from 'vitest';
import { HostBoard } from '../../../lib/sources/host/host-board.ts';
import { boardFeed } from '../../../lib/view/board-feed.ts';
import { board, row, state } from '../../support/board.ts';
import { ago, nowMs, process, text } from '../../support/builders.ts';

const hourMs = 3_600_000;
const origin = { host: 'desk', machineId: 'desk-id', version: '0.0.0' };
const asking = row('a', 'Mine', { state: state('asking', 60) });

async function boardOf(lines: readonly object[], aheadMs = 0): Promise<HostBoard> {
  const host = new HostBoard(text('box'), 'ssh');
  for (const line of lines) await host.take(JSON.stringify(line), nowMs - aheadMs + 40);
  return host;
}

describe('the lines of another machine', () => {
  it('are its complete Board, changed rows, removed rows, and resource use', async () => {
    const feed = boardFeed(origin);
    const runs = process({ pid: 4 });
    const other = row('b', 'Other', { process: runs });
    const first = await boardOf(feed.next(board([asking, other])));
    expect(first.rows().map(({ session }) => session?.title)).toEqual(['Mine', 'Other']);
    const busier = { ...other, process: { ...runs, cpuPercent: 99 } };
    const host = await boardOf([
      ...boardFeed(origin).next(board([asking, other])),
      ...feed.next(board([{ ...busier, state: state('tool use', 1) }])),
      feed.alive(board([busier])),
    ]);
    expect(
      host.rows().map((each) => [each.session?.title, each.state.name, each.process?.cpuPercent]),
    ).toEqual([['Other', 'tool use', 99]]);
  });

  it.each([hourMs, -hourMs])(
    'have their times converted to the local clock if its clock is %i ms ahead',
    async (aheadMs) => {
      const host = await boardOf(boardFeed(origin).next(board([asking])), aheadMs);
      const [first] = host.rows();
      const error = Math.abs((first?.state.sinceMs ?? 0) - (ago(60) - aheadMs));
      expect(error).toBeLessThan(100);
      expect(
        Math.abs((first?.process?.startedAtMs ?? 0) - ((asking.process?.startedAtMs ?? 0) - aheadMs)),
      ).toBeLessThan(100);
    },
  );

  it('give the clock difference by the fastest line, so that a slow line does not change it', async () => {
    const feed = boardFeed(origin);
    const host = new HostBoard(text('box'), 'ssh');
    for (const line of feed.next(board([asking]))) await host.take(JSON.stringify(line), nowMs + 9000);
    expect(host.rows()[0]?.state.sinceMs).toBe(ago(60) + 9000);
    await host.take(JSON.stringify(feed.alive(board([asking], { atMs: nowMs + 10_000 }))), nowMs + 10_020);
    expect(host.rows()[0]?.state.sinceMs).toBe(ago(60));
  });

  it("contain the machine's totals, which an `alive` line updates", async () => {
    const today = {
      sessionCount: 3,
      messageCount: 9,
      tokens: { input: 1, output: 2, reasoning: 3, cacheRead: 4, cacheWrite: 5 },
      cost: 0.5,
    };
    const feed = boardFeed(origin);
    const lines = feed.next(board([asking], { today, tokensPerMinute: [7] }));
    const host = await boardOf([...lines, feed.alive(board([asking], { tokensPerMinute: [7, 8] }))]);
    expect(host.machine()).toEqual({ machineId: 'desk-id', figures: { today, tokensPerMinute: [7, 8] } });
  });

  it('add no rows that the machine has from third machines', async () => {
    const third = row('c', 'Elsewhere', { host: text('other') });
    expect((await boardOf(boardFeed(origin).next(board([asking, third])))).rows()).toHaveLength(1);
  });

  it('may follow some output of a login shell, but only a limited number of lines', async () => {
    const host = new HostBoard(text('box'), 'ssh');
    await host.take('Welcome to box!', nowMs);
    for (const line of boardFeed(origin).next(board([asking]))) await host.take(JSON.stringify(line), nowMs);
    expect(host.rows()).toHaveLength(1);
    const chatter = new HostBoard(text('box'), 'ssh');
    const chat = async () => {
      for (let line = 0; line < 100; line++) await chatter.take('<p>hello</p>', nowMs);
    };
    await expect(chat()).rejects.toThrow('its lines are not those of otop');
  });

  it('are rejected with a reason if they have another schema version', async () => {
    const [line] = boardFeed(origin).next(board([]));
    await expect(boardOf([{ ...line, schema_version: 2 }])).rejects.toThrow(
      'its otop writes version 2 of the JSON lines, this one reads version 1: update the older one',
    );
  });

  it('add at most a thousand rows', async () => {
    const many = Array.from({ length: 1100 }, (_, index) => row(`r${index}`, 'x'));
    expect((await boardOf(boardFeed(origin).next(board(many)))).rows()).toHaveLength(1000);
  });
});
