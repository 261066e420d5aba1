import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDemoFolder } from '../../lib/demo/demo-folder.ts';
import { eventOf } from '../support/wait.ts';

let temporaryDir: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  temporaryDir = mkdtempSync(join(tmpdir(), 'otop-demo-spec-'));
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(temporaryDir, { recursive: true, force: true });
});

/** Starts a program that creates a demo folder and ends as `ending` says; resolves once the folder exists. */
async function startProgram(ending: string): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'demo-program.ts');
  child = spawn(process.execPath, ['--import', 'tsx', program, temporaryDir, ending], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { stdout } = child;
  if (stdout) await eventOf(stdout, 'data');
  return child;
}

describe('the folder of a demo', () => {
  it('is removed on request, and leaves no listener', () => {
    const before = process.listenerCount('SIGTERM') + process.listenerCount('exit');
    const folder = createDemoFolder(temporaryDir, 'here');
    expect(readdirSync(folder.path).sort()).toEqual(['cache', 'config', 'data', 'state']);
    folder.remove();
    folder.remove();
    expect(readdirSync(temporaryDir)).toEqual([]);
    expect(process.listenerCount('SIGTERM') + process.listenerCount('exit')).toBe(before);
  });

  it.each(['return', 'throw', 'exit'])('is removed when the program ends by: %s', async (ending) => {
    const running = await startProgram(ending);
    expect(readdirSync(temporaryDir)).toHaveLength(1);
    const ended = eventOf(running, 'exit');
    running.stdin?.end();
    await ended;
    expect(readdirSync(temporaryDir)).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)(
    'is removed after %s, which still ends the program',
    async (signal) => {
      const running = await startProgram('wait');
      const ended = eventOf(running, 'exit');
      running.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(readdirSync(temporaryDir)).toEqual([]);
    },
  );

  it('is removed by the next demo only if its program was killed', async () => {
    const running = await startProgram('wait');
    const own = createDemoFolder(temporaryDir, 'here');
    expect(readdirSync(temporaryDir)).toHaveLength(2);
    const ended = eventOf(running, 'exit');
    running.kill('SIGKILL');
    await ended;
    mkdirSync(join(temporaryDir, 'otop-demo-of-somebody'));
    writeFileSync(join(temporaryDir, 'otop-demo-1-file'), '');
    const next = createDemoFolder(temporaryDir, 'here');
    expect(readdirSync(temporaryDir)).toHaveLength(4);
    next.remove();
    own.remove();
    expect(readdirSync(temporaryDir).sort()).toEqual(['otop-demo-1-file', 'otop-demo-of-somebody']);
  });

  it('stays while a demo of another container that shares the temporary folder may use it', () => {
    // The pid of this process is free in that container, and the other way round.
    const free = 2 ** 22 + 1;
    const theirs = [`otop-demo-${free}@1f0c2d3e-4026531836-AbCdEf`, `otop-demo-${free}-AbCdEf`];
    const file = (name: string) => join(temporaryDir, name, 'data', 'opencode.db');
    for (const name of theirs) {
      mkdirSync(join(temporaryDir, name, 'data'), { recursive: true });
      writeFileSync(file(name), '');
    }
    createDemoFolder(temporaryDir, 'here').remove();
    expect(readdirSync(temporaryDir).sort()).toEqual([...theirs].sort());

    const weekAgo = Date.now() / 1000 - 8 * 86_400;
    for (const name of theirs) {
      for (const path of [file(name), join(temporaryDir, name, 'data'), join(temporaryDir, name)])
        utimesSync(path, weekAgo, weekAgo);
    }
    const [kept = ''] = theirs;
    utimesSync(file(kept), Date.now() / 1000, Date.now() / 1000);
    createDemoFolder(temporaryDir, 'here').remove();
    expect(readdirSync(temporaryDir)).toEqual([kept]);
  });
});
