import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OpencodeDatabase } from '../../../spec/support/opencode-database.ts';
import type { SessionWriter } from '../../../spec/support/session-writer.ts';
import { createRandom, proseOf } from '../random.ts';
import type { BenchTmux } from './bench-tmux.ts';
import { StandIns } from './stand-ins.ts';

/**
 * One event per second, which is 2.2 commits per second for each busy session. A real session (1.18.33) whose model took three
 * seconds per step and whose tool took three more made 1.8 commits per second, and 0.03 while it streamed text.
 */
const beatMs = 1000;

/** A simulated machine with live sessions; the folder is its home directory. */
export class BenchFleet {
  readonly #db: OpencodeDatabase;
  readonly #writers: readonly SessionWriter[];
  readonly #random = createRandom(7);
  #beat = 0;

  constructor(folder: string, tmux: BenchTmux, sessionCount: number, databasePath: string) {
    const log = join(folder, '.local/share/opencode/log/opencode.log');
    mkdirSync(dirname(log), { recursive: true });
    writeFileSync(log, '');
    this.#db = new OpencodeDatabase(databasePath, '1.18.33');
    const standIns = new StandIns(folder);
    const nowMs = Date.now();
    this.#writers = Array.from({ length: sessionCount }, (_, number) => {
      const directory = standIns.directoryOf(number);
      mkdirSync(directory, { recursive: true });
      const writer = this.#db.session({ atMs: nowMs - 60_000, title: `Session number ${number}`, directory });
      for (let turn = 0; turn < 20; turn += 1) this.#turn(writer);
      standIns.start(tmux, number, writer.id, [databasePath, log]);
      return writer;
    });
  }

  /** Gives each of the first `working` sessions an event per second until `during` settles; returns its result. */
  async working<T>(working: number, during: () => Promise<T>): Promise<T> {
    const beating = setInterval(() => this.beat(working), beatMs);
    try {
      return await during();
    } finally {
      clearInterval(beating);
    }
  }

  /** Writes the next event of each of the first `working` sessions: prompt and step, text, its end, tool, the tool's end. */
  beat(working: number): void {
    const step = this.#beat % 5;
    for (const writer of this.#writers.slice(0, working)) {
      writer.after(Math.max(1, Date.now() - writer.atMs));
      if (step === 0) writer.prompt(proseOf(this.#random, 100, 500)).step();
      if (step === 1) writer.stream();
      if (step === 2) writer.closes(proseOf(this.#random, 200, 2000));
      if (step === 3) writer.tool('bash', { command: 'npm test' });
      if (step === 4)
        writer.toolDone(proseOf(this.#random, 500, 4000)).finish('tool-calls', { input: 900, output: 300 });
    }
    this.#beat += 1;
  }

  /** Writes a word as the newest text of the first session, which the screen shows. */
  say(word: string): void {
    const [writer] = this.#writers;
    if (writer === undefined) return;
    writer.after(Math.max(1, Date.now() - writer.atMs));
    writer.prompt('say it').step().stream().closes(word).finish('stop', { input: 10, output: 1 });
  }

  close(): void {
    this.#db.close();
  }

  #turn(writer: SessionWriter): void {
    writer
      .after(50)
      .prompt(proseOf(this.#random, 100, 500))
      .after(50)
      .step()
      .stream()
      .closes(proseOf(this.#random, 200, 2000))
      .after(50)
      .finish('stop', { input: 900, output: 300 });
  }
}
