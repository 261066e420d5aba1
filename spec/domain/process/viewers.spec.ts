import { describe, expect, it } from 'vitest';
import { buildBoard } from '../../../lib/domain/board/build-board.ts';
import { TokenHistory } from '../../../lib/domain/board/history.ts';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { isUnwatched, viewersIn } from '../../../lib/domain/process/viewers.ts';
import { assistant, match, nowMs, process, session, text } from '../../support/builders.ts';

const service = process({ pid: 1, kind: 'serve', args: ['serve', '--service'] });
const viewer = process({ pid: 2, databases: [] });
const pids = (...processes: OpencodeProcess[]) => [...viewersIn(processes)].map(({ pid }) => pid);

describe('a viewer', () => {
  it("is a TUI without a database beside opencode 2's service", () => {
    expect(pids(service, viewer)).toEqual([2]);
    expect(pids(viewer)).toEqual([]);
  });

  it('is no process that may run its own sessions: one with a database, a port or unreadable files', () => {
    expect(pids(service, process({ pid: 2 }))).toEqual([]);
    expect(pids(service, process({ pid: 2, databases: [], ports: [4096] }))).toEqual([]);
    expect(pids(service, process({ pid: 2, databases: [], missing: [text('open files')] }))).toEqual([]);
  });

  it('is any process that is attached to another one', () => {
    const run = process({ pid: 3, kind: 'run', args: ['run', '--attach', 'http://box:1', 'go'] });
    expect(pids(process({ pid: 2, kind: 'attach' }), run)).toEqual([2, 3]);
  });
});

describe('a session of the service', () => {
  const here = session({ directoryPath: '/home/u/projA' });

  it('is unwatched if no viewer is in its directory', () => {
    expect(isUnwatched(service, here, [])).toBe(true);
    expect(isUnwatched(service, here, [process({ cwd: '/elsewhere' })])).toBe(true);
    expect(isUnwatched(service, here, [process({ cwd: '/home/u/projA' })])).toBe(false);
  });

  it('is not unwatched if that is unknown', () => {
    const { cwd: _cwd, ...unknown } = viewer;
    expect(isUnwatched(service, here, [unknown])).toBe(false);
    expect(isUnwatched(process({ kind: 'serve', args: ['serve'] }), here, [])).toBe(false);
    expect(isUnwatched(undefined, here, [])).toBe(false);
  });

  it('is unwatched on the Board while it works, despite the viewers of other sessions', () => {
    const at = session({ id: 'ses_a', directoryPath: '/b', newestAssistant: assistant() });
    const { rows } = buildBoard({
      readings: {
        nowMs,
        processes: { atMs: nowMs, processes: [service, viewer], troubles: [] },
        sessions: { atMs: nowMs, sessions: new Map([[at.id, at]]), troubles: [] },
      },
      matches: [match(1, 'ses_a')],
      viewedAtMs: new Map(),
      lookup: () => undefined,
      history: new TokenHistory(),
      host: text('here'),
      machineId: 'here-id',
      includeIdle: false,
      includeTools: false,
      demo: false,
    });
    expect(rows.map(({ key, unwatched, state }) => `${key} ${unwatched} ${state.name}`)).toEqual([
      'ses_a true thinking',
      'pid:2 undefined idle',
    ]);
  });
});
