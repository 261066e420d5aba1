import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declaredCommandLine } from '../../lib/cli/command-line.ts';
import { sourceOptions } from '../../lib/cli/options.ts';
import { otopArguments, shellCommandsOf, userDocuments } from '../support/documents.ts';
import { emptyWorld, otopPath, runOtop } from '../support/program.ts';
import { eventOf } from '../support/wait.ts';

/** Commands that are only parsed (`commands.spec.ts`), by their first word or option, with the reason. */
const notRun: Readonly<Record<string, string>> = {
  '--host': 'needs another machine; spec/sources/host starts an sshd of its own',
  '--otop': 'needs another machine; spec/sources/host starts an otop serve of its own',
  '--server': 'needs an opencode server; spec/sources/server has stand-ins',
  bar: 'changes the status bar of the user; spec/bar has worlds of its own',
};

/** Exit codes other than 0, by the command line: in the simulated fleet no pane and no such session exists. */
const exitCodes: Readonly<Record<string, number>> = {
  next: 1,
  'why 4242': 1,
  'why ses_dce233935ffeqz16e2h61TPOQQ': 1,
};

/** Commands that run until a signal. */
const serving: readonly string[] = ['serve'];

const sources = new Set(sourceOptions().map(({ long }) => long));
/** The commands that can show the simulated fleet. */
const demoCommands = new Set(
  declaredCommandLine()
    .commands.filter(({ options }) => options.some(({ long }) => sources.has(long ?? '')))
    .map((command) => command.name()),
);

const commands = [
  ...new Map(
    userDocuments
      .flatMap(shellCommandsOf)
      .map(otopArguments)
      .filter((args) => args !== undefined)
      .map((args) => [args.join(' '), args] as const),
  ),
];
const isRun = ([, args]: (typeof commands)[number]) => !args.some((word) => Object.hasOwn(notRun, word));

let world: string;
beforeAll(() => {
  world = mkdtempSync(join(tmpdir(), 'otop-documents-'));
  mkdirSync(join(world, 'tmp'));
});
afterAll(() => rmSync(world, { recursive: true, force: true }));

const environment = () => ({ HOME: world, TMPDIR: join(world, 'tmp') });

function inDemo(args: readonly string[]): readonly string[] {
  const [name = ''] = args;
  return name === '' || name.startsWith('-') || demoCommands.has(name) ? [...args, '--seed', '1'] : args;
}

describe('the commands of otop in README and docs', () => {
  it.each(commands.filter(isRun).filter(([line]) => !serving.includes(line)))(
    'run: otop %s',
    async (line, args) => {
      const { code, err } = await runOtop(inDemo(args), environment(), world);
      expect({ code, err: code === (exitCodes[line] ?? 0) ? '' : err }).toEqual({
        code: exitCodes[line] ?? 0,
        err: '',
      });
    },
  );

  it.each(serving)('run until a signal: otop %s', async (line) => {
    const child = spawn(process.execPath, [otopPath, line, '--seed', '1', '-p', '0'], {
      env: { ...emptyWorld(), ...environment() },
    });
    await eventOf(child.stdout, 'data');
    child.kill('SIGTERM');
    const [code] = await eventOf(child, 'close');
    expect(code).toBe(0);
  });

  it('are listed with a reason if they are not run, and those that are listed exist', () => {
    const words = commands.flatMap(([, args]) => args);
    expect(Object.keys(notRun).filter((word) => !words.includes(word))).toEqual([]);
    const known = commands.map(([line]) => line);
    expect([...Object.keys(exitCodes), ...serving].filter((line) => !known.includes(line))).toEqual([]);
    expect(commands.filter(isRun).length).toBeGreaterThan(20);
  });
});
