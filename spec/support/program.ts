import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { emptyProcRoot } from './machine.ts';
import { within } from './wait.ts';

/** The built program. */
export const otopPath = resolve(import.meta.dirname, '../../dist/otop.js');

/** Output and exit code of a program. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The environment of a started otop that sees no process of this machine; a spec adds its own HOME. */
export function emptyWorld(): Readonly<Record<string, string>> {
  return { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', OTOP_PROC_ROOT: emptyProcRoot };
}

/** Runs the built otop without a terminal, with only this environment, in this folder; rejects only after `waitMs`. */
export function runOtop(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = process.cwd(),
): Promise<Ended> {
  const ended = new Promise<Ended>((done) => {
    const options = {
      cwd,
      env: { ...emptyWorld(), TERM: 'xterm', ...env },
      maxBuffer: 64 * 2 ** 20,
    };
    const child = execFile(process.execPath, [otopPath, ...args], options, (_error, out, err) =>
      done({ code: child.exitCode ?? -1, out, err }),
    );
  });
  return within(`the end of otop ${args.join(' ')}`, ended);
}
