import { createInterface, type Interface } from 'node:readline';
import { type Context, exitCodes } from '../system/context.ts';
import { sanitizeSpaced } from '../text/sanitize.ts';
import { type Change, differenceLines } from './change.ts';

/** What is said to the person and asked of them. */
export class Talk {
  readonly #yes: boolean;
  readonly #context: Context;
  #lines: Interface | undefined;
  #answers: AsyncIterator<string> | undefined;

  constructor(yes: boolean, context: Context) {
    this.#yes = yes;
    this.#context = context;
  }

  /** Prints a line. */
  say(line: string): void {
    this.#context.stdout.write(`${sanitizeSpaced(line)}\n`);
  }

  /** Prints why otop does not do it, and returns the exit code. */
  refuse(why: string, exitCode: number = exitCodes.no): number {
    this.#context.stderr.write(`otop: ${sanitizeSpaced(why)}\n`);
    return exitCode;
  }

  /** True if somebody is there to answer, and wants to be asked. */
  isInteractive(): boolean {
    const { stdin, stdout } = this.#context;
    return !this.#yes && stdin.isTTY && stdout.isTTY;
  }

  /** Asks a question. `--yes` answers it; without a terminal, and at the end of the input, the answer is no. */
  async asks(question: string): Promise<boolean> {
    if (this.#yes) return true;
    if (!this.isInteractive()) return false;
    const { stdin, stdout } = this.#context;
    // Not as a terminal of readline's: Ctrl-C ends otop as usual.
    this.#lines ??= createInterface({ input: stdin, terminal: false });
    this.#answers ??= this.#lines[Symbol.asyncIterator]();
    stdout.write(`${sanitizeSpaced(question)} (y/N) `);
    const { value } = await this.#answers.next();
    if (value === undefined) stdout.write('\n');
    return /^\s*y(es)?\s*$/i.test(value ?? '');
  }

  /** Shows changes and asks whether to write them. Returns an exit code; 0 means yes. */
  async agreeTo(changes: readonly Change[]): Promise<number> {
    for (const change of changes) {
      for (const line of differenceLines(change, this.#context.homeDir))
        this.#context.stdout.write(`${line}\n`);
    }
    if (await this.asks('Write this?')) return exitCodes.ok;
    if (this.isInteractive()) return this.refuse('nothing was written');
    return this.refuse(
      'nothing was written: there is no terminal to ask on; --yes says yes',
      exitCodes.usage,
    );
  }

  /** Lets go of the input. */
  close(): void {
    this.#lines?.close();
  }
}
