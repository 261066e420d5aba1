import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchTmux } from './bench-tmux.ts';

/**
 * What opencode 1.18.33 has beside its first thread, at rest on two cores (17 to 19 in all): a monitor that looks at
 * threads, as htop does, pays for each.
 */
const threadCount = 16;

/**
 * Programs that look like opencode from outside: the name, `-s SESSION`, the working directory, a terminal, as many
 * threads, open descriptors of the database and the shared log. They are copies of perl, which every Debian and macOS has,
 * since a real opencode takes half a gigabyte and processor time of its own, which would be measured with the monitors'.
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

  /** The directory that the numbered one works in. */
  directoryOf(number: number): string {
    return join(this.#folder, 'work', `project-${number}`);
  }

  /** Starts one in a tmux window of its own. */
  start(tmux: BenchTmux, number: number, sessionId: string, files: readonly string[]): void {
    const cwd = this.directoryOf(number);
    // perl takes `-s` for a switch of its own and the session's id for the name of a script.
    const opened = files.map((path, index) => `open(my $f${index}, '+>>', '${path}') or die;`).join(' ');
    // Debian's smallest perl has no threads: then htop looks cheaper than it is.
    const threads = `eval { require threads; threads->create(sub { sleep }) for 1..${threadCount}; };`;
    writeFileSync(join(cwd, sessionId), `${opened} ${threads} sleep;\n`);
    tmux.window(cwd, [this.#program, '-s', sessionId]);
  }
}
