import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchTmux } from './bench-tmux.ts';

/**
 * The threads of an idle opencode 1.18.33 on two cores, besides the main one (17 to 19 in all). A monitor that reads threads,
 * as htop does, pays for each.
 */
const threadCount = 16;

/**
 * Programs that look like opencode from outside: name, `-s SESSION`, working directory, terminal, number of threads, open
 * descriptors of the database and the shared log. A real opencode takes half a gigabyte and CPU time of its own. They are
 * copies of perl, which every Debian has.
 */
export class StandIns {
  readonly #folder: string;
  readonly #program: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#program = join(folder, 'bin', 'opencode');
    mkdirSync(join(folder, 'bin'));
    copyFileSync('/usr/bin/perl', this.#program);
  }

  /** Returns the working directory of a stand-in. */
  directoryOf(number: number): string {
    return join(this.#folder, 'work', `project-${number}`);
  }

  /** Starts a stand-in in its own tmux window. */
  start(tmux: BenchTmux, number: number, sessionId: string, files: readonly string[]): void {
    const cwd = this.directoryOf(number);
    // perl has its own switch `-s` and takes the session's id as the name of a script.
    const opened = files.map((path, index) => `open(my $f${index}, '+>>', '${path}') or die;`).join(' ');
    // Debian's minimal perl has no threads; htop then costs less than with real opencode.
    const threads = `eval { require threads; threads->create(sub { sleep }) for 1..${threadCount}; };`;
    writeFileSync(join(cwd, sessionId), `${opened} ${threads} sleep;\n`);
    tmux.window(cwd, [this.#program, '-s', sessionId]);
  }
}
