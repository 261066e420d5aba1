import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProc } from '../../lib/sources/process/proc.ts';
import { isDead } from '../../lib/sources/process/proc-stat.ts';
import { emptyWorld, otopPath } from '../support/program.ts';
import { eventOf, until, within } from '../support/wait.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-exits-'));
});
afterEach(() => {
  // Cleans up after a failed spec; otop ends together with its terminal.
  for (const script of started.splice(0)) script.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const started: ChildProcess[] = [];

/** The last setting of each terminal mode: `h` is on, `l` is off. */
function modes(sent: string): Readonly<Record<string, string>> {
  const last: Record<string, string> = {};
  for (const [, numbers = '', set = ''] of sent.matchAll(/\x1b\[\?([\d;]+)([hl])/g))
    for (const number of numbers.split(';')) last[number] = set;
  return last;
}

const env = () => ({
  ...emptyWorld(),
  HOME: folder,
  TMPDIR: folder,
  TERM: 'xterm-256color',
  SHELL: '/bin/sh',
});

const inFolder = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(inFolder(name), 'utf8').trim();

/** True also for a zombie that nobody reaps, as in a container. */
function hasEnded(pid: number): boolean {
  const stat = openProc('/proc').stat(pid);
  return stat === undefined || isDead(stat);
}

/** Starts the built otop in a pseudo-terminal of util-linux's `script`; pid, tty, exit code and stty go to files. */
function startInPty(how: 'node' | 'sh', afterwards = ':') {
  // A separate shell: after `exec`, otop has the pid that the shell has written.
  const otop = `sh -c 'echo $$ > ${inFolder('pid')}; exec ${how} ${otopPath} --demo --seed 4'`;
  const command = [
    'stty rows 30 cols 100',
    `tty > ${inFolder('tty')}`,
    `stty -a > ${inFolder('before')}`,
    otop,
    `echo $? > ${inFolder('code')}`,
    `stty -a > ${inFolder('after')}`,
    afterwards,
  ];
  const script = spawn('script', ['-qec', command.join('; '), '/dev/null'], { env: env() });
  started.push(script);
  return script;
}

/** Ends otop as soon as it shows its screen; resolves to the bytes sent to the terminal and the recorded files. */
async function runInPty(how: 'node' | 'sh', end: 'q' | NodeJS.Signals) {
  const script = startInPty(how);
  let sent = '';
  let isEnding = false;
  script.stdout.setEncoding('utf8');
  script.stdout.on('data', (piece: string) => {
    sent += piece;
    if (isEnding || !sent.includes('DEMO')) return;
    isEnding = true;
    if (end === 'q') script.stdin.write('q');
    else process.kill(Number(read('pid')), end);
  });
  await eventOf(script, 'close', () => sent);
  return { sent, code: read('code'), before: read('before'), after: read('after') };
}

/** Writes to a terminal without a reader until it accepts not even one more byte. */
function fill(path: string): void {
  const terminal = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  for (const size of [4096, 1]) {
    try {
      for (;;) writeSync(terminal, 'x'.repeat(size));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EAGAIN' });
    }
  }
  closeSync(terminal);
}

describe('the exit of otop on a plain terminal', () => {
  it.each([
    ['sh', 'q', '0'],
    ['sh', 'SIGTERM', '143'],
    ['node', 'SIGQUIT', '131'],
    ['sh', 'SIGHUP', '129'],
  ] as const)('restores the terminal if otop is started by %s and ended by %s', async (how, end, code) => {
    const run = await runInPty(how, end);
    expect(run.code).toBe(code);
    expect(run.after).toBe(run.before);
    expect(run.sent).toMatch(/\x1b\[\?1049h[\s\S]*\x1b\[\?1049l/);
    expect(modes(run.sent)).toMatchObject({ 25: 'h', 1000: 'l', 1006: 'l', 1049: 'l', 2004: 'l' });
  });

  it.skipIf(process.platform !== 'linux').each(['serve -p 0', 'sessions --watch'])(
    'of `otop %s` follows when its terminal closes, without a message or a core dump',
    async (command) => {
      const otop = `exec node ${otopPath} ${command} --demo --seed 4 > ${inFolder('out')} 2> ${inFolder('err')}`;
      const script = spawn('script', ['-qec', `echo $$ > ${inFolder('pid')}; ${otop}`, '/dev/null'], {
        env: env(),
      });
      const closed = once(script, 'close');
      await until(
        'output of otop',
        () => existsSync(inFolder('out')) && read('out') !== '',
        () => read('err'),
      );
      script.kill('SIGKILL');
      await within('the end of the terminal', closed);
      await until('the end of otop', () => hasEnded(Number(read('pid'))));
      expect(read('err')).toBe('');
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'happens also while nobody reads the terminal, which is restored once someone reads it',
    async () => {
      // Like a shell, the command goes on after otop has ended.
      const script = startInPty('sh', 'read -r _');
      let sent = '';
      script.stdout.setEncoding('utf8').on('data', (piece: string) => {
        sent += piece;
      });
      await until(
        'the screen',
        () => sent.includes('DEMO'),
        () => sent,
      );
      process.kill(script.pid ?? 0, 'SIGSTOP');
      fill(read('tty'));
      process.kill(Number(read('pid')), 'SIGTERM');
      await until('the shell after otop', () => existsSync(inFolder('after')));
      expect(read('code')).toBe('143');
      process.kill(script.pid ?? 0, 'SIGCONT');
      await until(
        'the restored screen',
        () => sent.includes('\x1b[?1049l'),
        () => sent,
      );
      script.stdin.write('\n');
      await eventOf(script, 'close', () => sent);
      expect(read('after')).toBe(read('before'));
      expect(modes(sent)).toMatchObject({ 25: 'h', 1000: 'l', 1006: 'l', 1049: 'l', 2004: 'l' });
    },
  );
});
