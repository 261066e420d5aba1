import { beforeEach, describe, expect, it } from 'vitest';
import { Monitor, type RefreshRequest } from '../../lib/monitor/monitor.ts';
import { ago, nowMs, process, session, text } from '../support/builders.ts';

/** The calls to the sources, in order. */
let calls: string[];
let monitor: Monitor;
let atMs: number;

const working = session({ id: 'ses_1', activeAtMs: ago(60), directoryPath: '/src/app' });
const nothing = { close: () => undefined, listen: () => undefined };

beforeEach(() => {
  calls = [];
  atMs = nowMs;
  const record = (what: string) => void calls.push(what);
  monitor = new Monitor(
    {
      processes: {
        ...nothing,
        async sample(extent, at) {
          await Promise.resolve();
          record(`processes ${extent} at ${at - nowMs}`);
          return { atMs: at, processes: [process({ pid: 7, cpuPercent: 30 })], troubles: [] };
        },
      },
      log: {
        ...nothing,
        refresh(processes, at) {
          record(`logs of ${processes.length} at ${at - nowMs}`);
          return { byPid: new Map(), watchPaths: [], troubles: [] };
        },
      },
      sessions: {
        ...nothing,
        watchPaths: [],
        holdPaths: () => undefined,
        refresh({ sums }, at) {
          record(`sessions ${sums ? 'with' : 'without'} sums at ${at - nowMs}`);
          return { atMs: at, sessions: new Map([[working.id, working]]), troubles: [] };
        },
      },
      live: [
        {
          ...nothing,
          refresh(processes, at) {
            record(`plugin of ${processes.length} at ${at - nowMs}`);
            return { evidence: [], statuses: new Map(), troubles: [] };
          },
        },
      ],
      hosts: [
        {
          ...nothing,
          refresh(at) {
            record(`hosts at ${at - nowMs}`);
            return [];
          },
        },
      ],
      models: {
        lookup: () => ({}),
        async refresh(directories) {
          record(`models of ${[...directories].join()}`);
          return [];
        },
      },
      tokenSamples(sessions) {
        record(`tokens of ${sessions.map(({ id }) => id).join()}`);
        return new Map();
      },
      viewed: () => ({ bySession: new Map() }),
      close: () => undefined,
    },
    { includeIdle: false, includeTools: false, host: text('desk'), machineId: () => 'desk', demo: false },
  );
});

/** Refreshes with a clock that advances by one millisecond per call; returns the calls to the sources. */
async function refresh(request: RefreshRequest): Promise<readonly string[]> {
  calls = [];
  await monitor.refresh(request, () => atMs++);
  return calls;
}

describe('a refresh', () => {
  it('polls the sources in the order of their dependencies, each with its own time', async () => {
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

  it('polls no source that was not requested', async () => {
    expect(await refresh({})).toEqual([]);
    expect(await refresh({ logs: true })).toEqual(['logs of 0 at 0']);
    expect(await refresh({ processes: 'known', models: false })).toEqual(['processes known at 1']);
    expect(monitor.processesAtMs).toBe(nowMs + 1);
    expect(monitor.isBusy).toBe(true);
  });

  it('reads as much of the databases as requested, and the tokens of the last hour once per session', async () => {
    expect(await refresh({ sessions: 'states' })).toEqual(['sessions without sums at 0']);
    expect(await refresh({ sessions: 'sums' })).toEqual(['sessions with sums at 1']);
    expect(await refresh({ sessions: 'history' })).toEqual(['sessions with sums at 2', 'tokens of ses_1']);
    expect(await refresh({ sessions: 'history' })).toEqual(['sessions with sums at 3']);
  });

  it('is done synchronously unless processes or models are requested', () => {
    void monitor.refresh({ logs: true, live: true, sessions: 'states' }, () => nowMs);
    expect(calls).toHaveLength(4);
  });
});
