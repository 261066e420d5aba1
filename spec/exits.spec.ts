import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { otopPath } from './support/program.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-exits-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the terminal was told last of each mode: `h` is on, `l` off. */
function modes(sent: string): Readonly<Record<string, string>> {
  const last: Record<string, string> = {};
  for (const [, numbers = '', set = ''] of sent.matchAll(/\x1b\[\?([\d;]+)([hl])/g))
    for (const number of numbers.split(';')) last[number] = set;
  return last;
}

/** Runs the built otop behind a pseudo-terminal of util-linux' `script`, ends it, and gives what the terminal was sent. */
async function runInPty(how: 'node' | 'sh', end: 'q' | NodeJS.Signals) {
  const [before, after, code, pid] = ['before', 'after', 'code', 'pid'].map((name) => join(folder, name));
  // A shell of its own for each: `exec` gives otop the number that the shell writes down.
  const otop = `sh -c 'echo $$ > ${pid}; exec ${how} ${otopPath} --demo --seed 4'`;
  const command = `stty rows 30 cols 100; stty -a > ${before}; ${otop}; echo $? > ${code}; stty -a > ${after}`;
  const script = spawn('script', ['-qec', command, '/dev/null'], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: folder,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      SHELL: '/bin/sh',
    },
  });
  let sent = '';
  let asked = false;
  script.stdout.setEncoding('utf8');
  script.stdout.on('data', (piece: string) => {
    sent += piece;
    if (asked || !sent.includes('DEMO')) return;
    asked = true;
    if (end === 'q') script.stdin.write('q');
    else process.kill(Number(readFileSync(pid ?? '', 'utf8')), end);
  });
  await new Promise((closed) => script.once('close', closed));
  const read = (path: string | undefined) => readFileSync(path ?? '', 'utf8');
  return { sent, code: read(code).trim(), before: read(before), after: read(after) };
}

describe('the end of otop on a plain terminal', () => {
  it.each([
    ['sh', 'q', '0'],
    ['sh', 'SIGTERM', '143'],
    ['node', 'SIGQUIT', '131'],
    ['sh', 'SIGHUP', '129'],
  ] as const)(
    'started by %s and ended by %s is that of a program that gives everything back',
    async (how, end, code) => {
      const run = await runInPty(how, end);
      expect(run.code).toBe(code);
      expect(run.after).toBe(run.before);
      expect(run.sent).toMatch(/\x1b\[\?1049h[\s\S]*\x1b\[\?1049l/);
      expect(modes(run.sent)).toMatchObject({ 25: 'h', 1000: 'l', 1006: 'l', 1049: 'l', 2004: 'l' });
    },
  );
});
