import { runCommandLine } from '../../lib/cli/command-line.ts';
import { type Clock, systemClock } from '../../lib/system/clock.ts';
import type { Machine } from '../../lib/system/context.ts';
import { emptyMachine } from './machine.ts';
import type { Ended } from './program.ts';

/**
 * Runs one command line inside the spec's process, with only this environment, on a machine without opencode unless another
 * is given. Its streams are terminals only if `isTerminal` says so.
 */
export async function runCommandIn(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  clock: Clock = systemClock,
  isTerminal = false,
  machine: Machine = emptyMachine,
): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const into = (texts: string[]) =>
    ({
      isTTY: isTerminal,
      write: (text: string) => texts.push(text) > 0,
    }) as unknown as NodeJS.WriteStream;
  const code = await runCommandLine(args, {
    env: { LANG: 'C.UTF-8', TERM: 'xterm', ...env },
    homeDir: env.HOME ?? '/',
    stdin: isTerminal ? ({ isTTY: true } as NodeJS.ReadStream) : process.stdin,
    stdout: into(out),
    stderr: into(err),
    clock,
    machine,
  });
  return { code, out: out.join(''), err: err.join('') };
}
