import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePanes } from '../../../lib/sources/process/pane-list.ts';
import type { ProcessSample } from '../../../lib/sources/process/process-sample.ts';
import { TmuxServers } from '../../../lib/sources/process/tmux.ts';
import type { RunResult } from '../../../lib/system/run-program.ts';
import { sanitize } from '../../../lib/text/sanitize.ts';
import { eventOf } from '../../support/wait.ts';

/** Quotes like `#{q:…}` of tmux (format_quote_shell, the same from 2.6 to 3.6). */
function quoted(text: string): string {
  return text.replace(/[|&;<>()$`\\"'*?[# =%]/g, '\\$&');
}

describe('the output of list-panes', () => {
  it('is parsed into panes with unchanged names and titles', () => {
    // The output of tmux 3.3a.
    const output = String.raw`%0 19146 /dev/pts/3 1 1 0 0 0 my\ sess w\\ttab\ \"q\"\ \|\ 日本 OC\ \|\ ab\;x\ \ y\\\ z
%7 19200 /dev/pts/5 1 1 2 10 3 work zsh OC\ \|\ Fix\ the\ tests
`;
    expect(parsePanes(output, '/tmp/tmux-0/default', 5)).toMatchInlineSnapshot(`
      [
        {
          "firstPid": 19146,
          "pane": {
            "active": false,
            "paneId": "%0",
            "socketPath": "/tmp/tmux-0/default",
            "target": "my sess:0.0",
            "title": "OC | ab;x y\\ z",
            "titleAtMs": 5,
            "windowName": "w\\ttab "q" | 日本",
          },
          "tty": "pts/3",
        },
        {
          "firstPid": 19200,
          "pane": {
            "active": true,
            "paneId": "%7",
            "socketPath": "/tmp/tmux-0/default",
            "target": "work:10.3",
            "title": "OC | Fix the tests",
            "titleAtMs": 5,
            "windowName": "zsh",
          },
          "tty": "pts/5",
        },
      ]
    `);
  });

  it('is split correctly with any names and titles', () => {
    const text = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(text, text, text, (session, window, title) => {
        const line = `%1 5 /dev/pts/3 1 1 1 0 2 ${quoted(session)} ${quoted(window)} ${quoted(title)}\n`;
        expect(parsePanes(line, '/s', 5)[0]?.pane).toMatchObject({
          target: sanitize(`${session}:0.2`),
          windowName: sanitize(window),
          title: sanitize(title),
          active: true,
        });
      }),
    );
  });

  it('may contain other lines, which are ignored', () => {
    expect(parsePanes('no server running on /tmp/x\n%1 5\n\n', '/s', 5)).toEqual([]);
  });
});

describe('tmux servers', () => {
  let folder: string;
  let nowMs = 0;
  let typedAtMs: number | undefined;
  let delay: Promise<unknown> | undefined;
  let results: Record<string, RunResult>;
  let polled: string[];
  const listening: Server[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otop-spec-tmux-'));
    mkdirSync(join(folder, 'tmux-1000'));
    nowMs = 0;
    typedAtMs = undefined;
    delay = undefined;
    results = {};
    polled = [];
  });

  afterEach(async () => {
    await Promise.all(listening.splice(0).map((server) => eventOf(server.close(), 'close')));
    rmSync(folder, { recursive: true });
  });

  const socket = async (name: string): Promise<string> => {
    const path = join(folder, name);
    const server = createServer();
    listening.push(server);
    await eventOf(server.listen(path), 'listening');
    return path;
  };

  const servers = (environment: Readonly<Record<string, string>> = {}) =>
    new TmuxServers({
      environment: { TMUX_TMPDIR: folder, ...environment },
      userId: 1000,
      monotonicMs: () => nowMs,
      loadPerCore: () => 0.5,
      typedAtMs: () => typedAtMs,
      run: async (file, args, { timeoutMs }) => {
        const path = args[args.indexOf('-S') + 1] ?? '';
        polled.push(path.slice(folder.length + 1));
        expect(file).toBe('tmux');
        expect(timeoutMs).toBe(2000);
        await delay;
        return results[path] ?? { kind: 'ended', exitCode: 1, stdout: '' };
      },
    });

  const setPane = (path: string, tty: string, firstPid: number, title: string) => {
    const stdout = `%1 ${firstPid} /dev/${tty} 1 1 1 2 1 work opencode ${quoted(title)}\n`;
    results[path] = { kind: 'ended', exitCode: 0, stdout };
  };

  const sample = (tty: string | undefined, more: Partial<ProcessSample> = {}): ProcessSample => ({
    process: {
      pid: 4242,
      kind: 'tui',
      args: [],
      ...(tty === undefined ? {} : { tty: sanitize(tty) }),
      orphan: false,
      databases: [],
      logs: [],
      ports: [],
      children: [],
      missing: [],
    },
    lineage: [100],
    ...more,
  });

  it('are found in their folder, in TMUX and in the environments of processes', async () => {
    const own = await socket('own');
    const named = await socket('named');
    const other = await socket('tmux-1000/other');
    setPane(other, 'pts/3', 100, 'OC | Fix the tests');
    const tmux = servers({ TMUX: `${own},77,0` });
    const process = sample('pts/3', { tmuxSocket: named });
    await tmux.refresh([process], nowMs);
    expect(polled.sort()).toEqual(['named', 'own', 'tmux-1000/other']);
    expect(tmux.paneOf(process)).toMatchObject({
      socketPath: other,
      paneId: '%1',
      target: 'work:2.1',
      title: 'OC | Fix the tests',
      active: true,
    });
  });

  it('are not polled if no opencode has a terminal', async () => {
    await socket('tmux-1000/default');
    await servers().refresh([sample(undefined)], nowMs);
    expect(polled).toEqual([]);
  });

  it('give no pane to a process in a container, whose terminal only has the same name', async () => {
    setPane(await socket('tmux-1000/default'), 'pts/0', 555, 'zsh');
    const tmux = servers();
    await tmux.refresh([sample('pts/0')], nowMs);
    expect(tmux.paneOf(sample('pts/0'))).toBeUndefined();
    expect(tmux.paneOf(sample('pts/0', { lineage: [600, 555] }))?.paneId).toBe('%1');
  });

  it('are polled again for titles, and more often if opencode runs there', async () => {
    setPane(await socket('tmux-1000/busy'), 'pts/3', 100, 'OC | One');
    setPane(await socket('tmux-1000/quiet'), 'pts/9', 900, 'zsh');
    const tmux = servers();
    for (nowMs = 0; nowMs <= 10_000; nowMs += 500) await tmux.refresh([sample('pts/3')], nowMs);
    expect(polled.filter((name) => name === 'tmux-1000/busy')).toHaveLength(7);
    expect(polled.filter((name) => name === 'tmux-1000/quiet')).toHaveLength(2);
  });

  it.each([
    { activity: 'all is idle', lastTypedMs: -60_000, cpuPercent: 1, polls: 6 },
    { activity: 'an opencode works', lastTypedMs: -60_000, cpuPercent: 12, polls: 12 },
    { activity: 'the user types', lastTypedMs: 0, cpuPercent: 1, polls: 30 },
    {
      activity: 'an opencode works and the time of typing is unknown',
      lastTypedMs: undefined,
      cpuPercent: 12,
      polls: 30,
    },
    {
      activity: 'all is idle and the time of typing is unknown',
      lastTypedMs: undefined,
      cpuPercent: 1,
      polls: 6,
    },
  ])('are polled $polls times a minute while $activity', async ({ lastTypedMs, cpuPercent, polls }) => {
    setPane(await socket('tmux-1000/default'), 'pts/3', 100, 'OC | One');
    const tmux = servers();
    const base = sample('pts/3');
    const process = { ...base.process, cpuPercent };
    const refresh = async () => {
      if (lastTypedMs !== undefined) typedAtMs = nowMs + lastTypedMs;
      await tmux.refresh([{ ...base, process }], nowMs);
    };
    for (nowMs = 0; nowMs < 20_000; nowMs += 1000) await refresh();
    polled = [];
    for (; nowMs < 80_000; nowMs += 1000) await refresh();
    expect(polled.length).toBe(polls);
  });

  it('are polled at once for a new terminal', async () => {
    const path = await socket('tmux-1000/default');
    setPane(path, 'pts/3', 100, 'OC | One');
    const tmux = servers();
    await tmux.refresh([sample('pts/3')], nowMs);
    nowMs = 100;
    setPane(path, 'pts/4', 100, 'OC | Two');
    await tmux.refresh([sample('pts/3'), sample('pts/4')], nowMs);
    expect(tmux.paneOf(sample('pts/4'))?.title).toBe('OC | Two');
  });

  it('that hang cause a trouble, and are polled at growing intervals', async () => {
    const path = await socket('tmux-1000/hung');
    results[path] = { kind: 'timeout' };
    const tmux = servers();
    const polledAtMs: number[] = [];
    for (nowMs = 0; nowMs < 300_000; nowMs += 1000) {
      const before = polled.length;
      await tmux.refresh([sample('pts/3'), ...(nowMs % 2000 ? [sample('pts/4')] : [])], nowMs);
      if (polled.length > before) polledAtMs.push(nowMs);
    }
    expect(polledAtMs).toEqual([0, 30_000, 90_000, 210_000]);
    expect(tmux.troubles()).toMatchObject([{ source: 'tmux' }]);
    results[path] = { kind: 'ended', exitCode: 0, stdout: '' };
    nowMs = 600_000;
    await tmux.refresh([sample('pts/3')], nowMs);
    expect(tmux.troubles()).toEqual([]);
  });

  it('that respond late delay nothing, and their panes are known at the next poll', async () => {
    const path = await socket('tmux-1000/default');
    setPane(path, 'pts/3', 100, 'OC | One');
    const gate = new EventEmitter();
    delay = eventOf(gate, 'open');
    const tmux = servers();
    await tmux.refresh([sample('pts/3')], 0);
    expect(tmux.paneOf(sample('pts/3'))).toBeUndefined();
    expect(tmux.troubles()).toEqual([]);
    gate.emit('open');
    await new Promise((resolve) => setImmediate(resolve));
    await tmux.refresh([sample('pts/3')], 0);
    expect(tmux.paneOf(sample('pts/3'))?.title).toBe('OC | One');
    expect(polled).toHaveLength(1);
  });

  it('that were killed cause no run of tmux for the sockets they left behind', async () => {
    const path = await socket('tmux-1000/killed');
    renameSync(path, `${path}-long-ago`);
    for (const server of listening.splice(0)) await eventOf(server.close(), 'close');
    const tmux = servers();
    await tmux.refresh([sample('pts/3')], 0);
    expect(polled).toEqual([]);
    expect(tmux.troubles()).toEqual([]);
  });

  it('that fail are polled rarely and cause no trouble, and so does a missing tmux', async () => {
    await socket('tmux-1000/dead');
    results[await socket('tmux-1000/none')] = { kind: 'not found' };
    const tmux = servers();
    for (nowMs = 0; nowMs < 60_000; nowMs += 1000) await tmux.refresh([sample('pts/3')], nowMs);
    expect(polled.sort()).toEqual(['tmux-1000/dead', 'tmux-1000/none']);
    expect(tmux.troubles()).toEqual([]);
  });
});
