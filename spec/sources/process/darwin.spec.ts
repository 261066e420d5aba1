import { readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProcessSource } from '../../../lib/domain/board/readings.ts';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { openProcesses } from '../../../lib/sources/process/source.ts';
import { type Run, runCommand } from '../../../lib/system/run-program.ts';
import { describeProcessSource } from './contract.ts';
import { darwinWorld, fakeCommands } from './fake-darwin.ts';

// When pidusage is loaded, it chooses its way to read usage and its format of `ps` by the platform.
await vi.hoisted(async () => {
  const { default: os } = await import('node:os');
  vi.spyOn(os, 'platform').mockReturnValue('darwin');
});

describeProcessSource('macOS', darwinWorld, 'ttys003');

const fixtureNames = ['table.txt', 'args.txt', 'usage.txt', 'lsof.txt'];

function readFixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/darwin/${name}`, import.meta.url), 'utf8');
}

/** The lines of a process for the snapshot. */
function linesOf(process: OpencodeProcess): string {
  const { pid, kind, args, cwd, tty, cpuPercent, rssBytes, databases, logs, ports, startedByPid } = process;
  const positions = logs.map(({ path, positionBytes }) => `${path} at ${positionBytes}`);
  return [
    `${pid} ${kind} [${args.join('|')}] in ${cwd} on ${tty}, cpu ${cpuPercent}, rss ${rssBytes}`,
    `  started by ${startedByPid}, ports ${ports}, databases ${databases}, logs ${positions}`,
    ...process.children.map(({ pid: child, command }) => `  child ${child}: ${command}`),
    ...process.missing.map((text) => `  missing: ${text}`),
  ].join('\n');
}

describe('processes by ps and lsof', () => {
  const path = process.env.PATH;
  let folder: string;
  let nowMs = 0;

  beforeEach(() => {
    folder = fakeCommands(Object.fromEntries(fixtureNames.map((name) => [name, readFixture(name)])));
    process.env.PATH = `${folder}:${path}`;
    nowMs = 0;
  });

  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  const open = (run: Run): ProcessSource =>
    openProcesses({
      platform: 'darwin',
      procRoot: '/nowhere',
      environment: { TMUX_TMPDIR: folder },
      userId: 501,
      monotonicMs: () => nowMs,
      loadPerCore: () => 0.5,
      typedAtMs: () => undefined,
      run,
    });

  it('are read from the documented formats', async () => {
    const source = open(runCommand);
    const { processes, troubles } = await source.sample('full', 0);
    expect(troubles).toEqual([]);
    expect(processes.map(linesOf).join('\n')).toMatchInlineSnapshot(`
      "9000102 tui [-s|ses_dfc4cf0c2ffeAbCdEfGhIjKlMn] in /Users/u/code/my shop on ttys004, cpu undefined, rss 635437056
        started by undefined, ports , databases /Users/u/.local/share/opencode/opencode.db, logs /Users/u/.local/share/opencode/log/opencode.log at 100000000
        child 9000103: /bin/bash -c cd sub; opencode run fix the tests
        child 9000105: node /Users/u/mcp.mjs
      9000104 run [run|fix|the|tests] in /Users/u/code/my shop/sub on undefined, cpu undefined, rss 412090368
        started by 9000102, ports , databases /Users/u/.local/share/opencode/opencode.db, logs 
      9000108 serve [serve|--port|51999] in / on undefined, cpu undefined, rss 308281344
        started by undefined, ports 51999, databases , logs "
    `);
    source.close();
  });

  it('need lsof once for all processes, and not at all between full samples', async () => {
    const calls: string[] = [];
    const source = open(async (file, args, limits) => {
      calls.push(`${file} ${args.join(' ')}`);
      return runCommand(file, args, limits);
    });
    await source.sample('full', 0);
    await source.sample('known', 0);
    expect(calls).toEqual(['lsof -nP -w -o -a -p 9000102,9000104,9000108 -d cwd,0-999 -F pftnPTo']);
    source.close();
  });

  it('stay in the list with a trouble if lsof is slow, which runs again only after a while', async () => {
    let calls = 0;
    const source = open(async () => {
      calls += 1;
      return { kind: 'timeout' };
    });
    const { processes, troubles } = await source.sample('full', 0);
    expect(processes.map(({ pid }) => pid)).toEqual([9000102, 9000104, 9000108]);
    expect(processes[0]?.missing).toMatchInlineSnapshot(`
      [
        "not readable: working directory, open files (lsof did not answer within 1500 ms)",
      ]
    `);
    expect(troubles).toMatchInlineSnapshot(`
      [
        {
          "source": "processes",
          "text": "lsof did not answer within 1500 ms: directories, logs and ports of processes are unknown",
        },
      ]
    `);
    nowMs = 29_000;
    await source.sample('full', 0);
    expect(calls).toBe(1);
    nowMs = 31_000;
    await source.sample('full', 0);
    expect(calls).toBe(2);
    source.close();
  });

  it('stay in the list with a trouble if lsof is not installed', async () => {
    const source = open(async () => ({ kind: 'not found' }));
    const { processes, troubles } = await source.sample('full', 0);
    expect(processes.map(({ pid }) => pid)).toEqual([9000102, 9000104, 9000108]);
    expect(processes[0]?.missing).toMatchInlineSnapshot(`
      [
        "not readable: working directory, open files (lsof is not installed)",
      ]
    `);
    expect(troubles.map(({ text }) => text)).toMatchInlineSnapshot(`
      [
        "lsof is not installed: directories, logs and ports of processes are unknown",
      ]
    `);
    source.close();
  });

  it('stay in the list if ps fails, with the time since when they are stale', async () => {
    const source = open(runCommand);
    await source.sample('full', 1000);
    rmSync(`${folder}/table.txt`);
    const { processes, troubles } = await source.sample('full', 9000);
    expect(processes.map(({ pid }) => pid)).toEqual([9000102, 9000104, 9000108]);
    expect(troubles).toMatchObject([{ source: 'processes', staleSinceMs: 1000 }]);
    source.close();
  });
});
