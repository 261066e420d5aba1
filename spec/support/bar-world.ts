import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runCommandLine } from '../../lib/cli/command-line.ts';
import { systemClock } from '../../lib/system/clock.ts';
import type { RunResult } from '../../lib/system/run-program.ts';
import { emptyProcRoot } from './machine.ts';
import type { Ended } from './program.ts';

/** What a spec may choose of the world of one command line. */
interface Choices {
  readonly platform?: NodeJS.Platform;
  readonly env?: Readonly<Record<string, string>>;
  /** Lines that a person types; without them there is no terminal. */
  readonly answers?: readonly string[];
  /** Called before the first answer is read. */
  readonly beforeAnswer?: () => void;
}

/** A home folder with a Node and an otop that bars could start, and programs that a spec answers for. */
export class BarWorld {
  readonly home = mkdtempSync(join(tmpdir(), 'otop-bar-'));
  readonly node = join(this.home, 'bin/node');
  readonly script = join(this.home, 'bin/otop');
  /** The commands that otop ran. */
  readonly ran: string[] = [];
  /** Output by the beginning of a command; others are not found. */
  readonly programs = new Map<string, string | RunResult>();

  constructor() {
    for (const path of [this.node, this.script]) {
      this.write(path, '#!/bin/sh\n');
      chmodSync(path, 0o755);
    }
  }

  /** The path of a file in the home folder. */
  path(name: string): string {
    return join(this.home, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Writes a file, named in the home folder or absolute, and its folders. */
  write(name: string, text: string): string {
    const path = name.startsWith('/') ? name : this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Runs `otop bar` with these words. */
  async bar(
    words: readonly string[],
    { platform = 'linux', env = {}, answers, beforeAnswer }: Choices = {},
  ): Promise<Ended> {
    const out: string[] = [];
    const err: string[] = [];
    const stdin = new PassThrough();
    const isTTY = answers !== undefined;
    const into = (texts: string[]) =>
      ({
        isTTY,
        write: (text: string) => {
          if (text.endsWith('(y/N) ') && texts.length > 0) {
            beforeAnswer?.();
            beforeAnswer = undefined;
          }
          return texts.push(text) > 0;
        },
      }) as unknown as NodeJS.WriteStream;
    stdin.end((answers ?? []).map((answer) => `${answer}\n`).join(''));
    const code = await runCommandLine(['bar', ...words], {
      env: { PATH: '/nowhere', ...env },
      homeDir: this.home,
      stdin: Object.assign(stdin, { isTTY }) as unknown as NodeJS.ReadStream,
      stdout: into(out),
      stderr: into(err),
      clock: systemClock,
      machine: {
        platform,
        procRoot: emptyProcRoot,
        program: { node: this.node, script: this.script },
        run: async (file, args) => {
          const command = [file, ...args].join(' ');
          this.ran.push(command);
          const [, answer = { kind: 'not found' } as const] =
            [...this.programs].find(([start]) => command.startsWith(start)) ?? [];
          return typeof answer === 'string' ? { kind: 'ended', exitCode: 0, stdout: answer } : answer;
        },
      },
    });
    return { code, out: out.join(''), err: err.join('') };
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
