import { runCommandLine } from '../../lib/cli/command-line.ts';
import { type Clock, systemClock } from '../../lib/system/clock.ts';
import { emptyMachine } from './machine.ts';
import type { Ended } from './program.ts';

/** Runs one command line inside the spec's process, on a machine without opencode, with only this environment. */
export async function runCommandIn(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  clock: Clock = systemClock,
): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const into = (texts: string[]) =>
    ({ write: (text: string) => texts.push(text) > 0 }) as unknown as NodeJS.WriteStream;
  const code = await runCommandLine(args, {
    env: { LANG: 'C.UTF-8', TERM: 'xterm', ...env },
    homeDir: env.HOME ?? '/',
    stdin: process.stdin,
    stdout: into(out),
    stderr: into(err),
    clock,
    machine: emptyMachine,
  });
  return { code, out: out.join(''), err: err.join('') };
}
