import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A program in its own terminal, created by `script` of util-linux, which passes its output on at once. */
export class PtyProgram {
  readonly startedMs = performance.now();
  readonly #script: ChildProcess;
  readonly #pidPath: string;
  readonly #end = () => void this.#script.kill();
  #written = '';
  #listener: (() => void) | undefined;

  /** The words of `command` must not contain quotes. */
  constructor(
    folder: string,
    cols: number,
    rows: number,
    env: NodeJS.ProcessEnv,
    command: readonly string[],
  ) {
    this.#pidPath = join(folder, `pid-${Math.round(this.startedMs * 1000)}`);
    const words = command.map((word) => `'${word}'`).join(' ');
    const line = `echo $$ > '${this.#pidPath}'; stty cols ${cols} rows ${rows}; exec ${words}`;
    this.#script = spawn('script', ['-qfec', line, '/dev/null'], {
      cwd: folder,
      env: { ...env, SHELL: '/bin/sh', TERM: 'xterm-256color' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Ends the program if a measurement fails.
    process.once('exit', this.#end);
    this.#script.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#written += chunk;
      this.#listener?.();
    });
  }

  /** The program's process number. The shell wrote its own, which `exec` keeps. */
  get pid(): number {
    return Number(readFileSync(this.#pidPath, 'utf8'));
  }

  type(keys: string): void {
    this.#written = '';
    this.#script.stdin?.write(keys);
  }

  /** Discards the output so far. */
  clear(): void {
    this.#written = '';
  }

  /** Resolves with the milliseconds from `fromMs` until the output fits; rejects after ten seconds. */
  async until(fits: (written: string) => boolean, fromMs: number): Promise<number> {
    const seen = new Promise<number>((resolve) => {
      this.#listener = () => fits(this.#written) && resolve(performance.now() - fromMs);
      this.#listener();
    });
    const late = pause(10_000, undefined, { ref: false }).then(() => {
      throw new Error(
        `the screen did not show it within 10 s; the output ends with ${JSON.stringify(this.#written.slice(-500))}`,
      );
    });
    return Promise.race([seen, late]);
  }

  /** Ends the program by SIGTERM; resolves when it has ended. */
  async close(): Promise<void> {
    const ended = once(this.#script, 'exit');
    process.kill(this.pid, 'SIGTERM');
    await ended;
    process.off('exit', this.#end);
    rmSync(this.#pidPath, { force: true });
  }
}
