import { beforeEach, describe, expect, it } from 'vitest';
import { Monitor, type RefreshRequest } from '../../lib/monitor/monitor.ts';
import { ago, nowMs, process, session, text } from '../support/builders.ts';

/** What was asked of the sources, in order. */
let asked: string[];
let monitor: Monitor;
let atMs: number;

const working = session({ id: 'ses_1', activeAtMs: ago(60), directoryPath: '/src/app' });
const nothing = { close: () => undefined, listen: () => undefined };

beforeEach(() => {
  asked = [];
  atMs = nowMs;
  const ask = (what: string) => void asked.push(what);
  monitor = new Monitor(
    {
      processes: {
        ...nothing,
        async sample(look, at) {
          await Promise.resolve();
          ask(`processes ${look} at ${at - nowMs}`);
          return { atMs: at, processes: [process({ pid: 7, cpuPercent: 30 })], troubles: [] };
        },
      },
      log: {
        ...nothing,
        refresh(processes, at) {
          ask(`logs of ${processes.length} at ${at - nowMs}`);
          return { byPid: new Map(), watchPaths: [], troubles: [] };
        },
      },
      sessions: {
        ...nothing,
        watchPaths: [],
        holdPaths: () => undefined,
        refresh({ sums }, at) {
          ask(`sessions ${sums ? 'with' : 'without'} sums at ${at - nowMs}`);
          return { atMs: at, sessions: new Map([[working.id, working]]), troubles: [] };
        },
      },
      live: [
        {
          ...nothing,
          refresh(processes, at) {
            ask(`plugin of ${processes.length} at ${at - nowMs}`);
            return { evidence: [], statuses: new Map(), troubles: [] };
          },
        },
      ],
      hosts: [
        {
          ...nothing,
          refresh(at) {
            ask(`hosts at ${at - nowMs}`);
            return [];
          },
        },
      ],
      models: {
        lookup: () => ({}),
        async refresh(directories) {
          ask(`models of ${[...directories].join()}`);
          return [];
        },
      },
      tokenSamples(sessions) {
        ask(`tokens of ${sessions.map(({ id }) => id).join()}`);
        return new Map();
      },
      viewed: () => ({ bySession: new Map() }),
      close: () => undefined,
    },
    { includeIdle: false, includeTools: false, host: text('desk'), machineId: () => 'desk', demo: false },
  );
});

/** Refreshes with a clock that goes on by a millisecond at each question. */
async function refresh(request: RefreshRequest): Promise<readonly string[]> {
  asked = [];
  await monitor.refresh(request, () => atMs++);
  return asked;
}

describe('a refresh', () => {
  it('asks the sources in the order in which one needs the other, each for its own time', async () => {
    const all = { models: true, sessions: 'sums', live: true, logs: true, processes: 'full' } as const;
    expect(await refresh(all)).toEqual([
      'processes full at 0',
      'logs of 1 at 1',
      'plugin of 1 at 2',
      'hosts at 2',
      'sessions with sums at 3',
      'models of /src/app',
    ]);
  });

  it('leaves alone what is not asked for', async () => {
    expect(await refresh({})).toEqual([]);
    expect(await refresh({ logs: true })).toEqual(['logs of 0 at 0']);
    expect(await refresh({ processes: 'known', models: false })).toEqual(['processes known at 1']);
    expect(monitor.processesAtMs).toBe(nowMs + 1);
    expect(monitor.isBusy).toBe(true);
  });

  it('reads of the databases as much as is asked for: the tokens of the last hour once for each session', async () => {
    expect(await refresh({ sessions: 'states' })).toEqual(['sessions without sums at 0']);
    expect(await refresh({ sessions: 'sums' })).toEqual(['sessions with sums at 1']);
    expect(await refresh({ sessions: 'history' })).toEqual(['sessions with sums at 2', 'tokens of ses_1']);
    expect(await refresh({ sessions: 'history' })).toEqual(['sessions with sums at 3']);
  });

  it('is done when it returns, before anything is awaited, unless processes or models are asked for', () => {
    void monitor.refresh({ logs: true, live: true, sessions: 'states' }, () => nowMs);
    expect(asked).toHaveLength(4);
  });
});
