import { describe, expect, it } from 'vitest';
import type { HostStatus, MachineFigures } from '../../../lib/domain/board/board.ts';
import { buildBoard } from '../../../lib/domain/board/build-board.ts';
import { TokenHistory } from '../../../lib/domain/board/history.ts';
import { figuresOfAll } from '../../../lib/domain/board/totals.ts';
import { board } from '../../support/board.ts';
import { nowMs, text } from '../../support/builders.ts';

const totals = (sessionCount: number, cost?: number) => ({
  sessionCount,
  messageCount: 10,
  tokens: { input: 100, output: 20, reasoning: 0, cacheRead: 0, cacheWrite: 0 },
  ...(cost !== undefined && { cost }),
});
const host = (name: string, figures: MachineFigures, some: Partial<HostStatus> = {}): HostStatus => ({
  name: text(name),
  kind: 'ssh',
  link: 'live',
  machineId: text(`${name}-id`),
  figures,
  ...some,
});

describe('the figures of all machines', () => {
  it('are the sums of all machines, including this one', () => {
    const hosts = [
      host('box', { today: totals(3, 0.5), tokensPerMinute: [5, 6] }),
      host('srv', {}, { kind: 'server' }),
    ];
    const all = figuresOfAll(board([], { hosts, today: totals(2), tokensPerMinute: [1, 2, 3] }));
    expect(all.today).toMatchObject({ sessionCount: 5, messageCount: 20, tokens: { input: 200 }, cost: 0.5 });
    expect(all.tokensPerMinute).toEqual([1, 7, 9]);
    const { today: _own, ...without } = board([], { hosts });
    expect(figuresOfAll(without).today?.sessionCount).toBe(3);
  });

  it('keep the sums of a machine that is away, but not its tokens per minute', () => {
    const away = host('box', { today: totals(3, 0.5), tokensPerMinute: [5, 6] }, { link: 'away' });
    const all = figuresOfAll(board([], { hosts: [away], today: totals(2, 1), tokensPerMinute: [1, 2] }));
    expect(all.today).toMatchObject({ sessionCount: 5, cost: 1.5 });
    expect(all.tokensPerMinute).toEqual([1, 2]);
  });

  it('count a machine with several names once', () => {
    const figures = { today: totals(3), tokensPerMinute: [5] };
    const reading = (name: string, machineId: string) => ({
      host: host(name, figures, { machineId: text(machineId) }),
      rows: [],
      troubles: [],
    });
    const { hosts } = buildBoard({
      readings: {
        nowMs,
        hosts: [reading('localhost', 'here-id'), reading('box', 'lab-id'), reading('10.0.0.7', 'lab-id')],
      },
      matches: [],
      viewedAtMs: new Map(),
      lookup: () => ({}),
      history: new TokenHistory(),
      host: text('desk'),
      machineId: 'here-id',
      includeIdle: false,
      includeTools: false,
      demo: false,
    });
    expect(hosts.filter(({ figures: counted }) => counted).map(({ name }) => name)).toEqual(['box']);
  });
});
