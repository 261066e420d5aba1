import { OpencodeDatabase } from '../../spec/support/opencode-database.ts';
import type { SessionWriter } from '../../spec/support/session-writer.ts';
import { type BenchVersion, directoryOf } from './generate.ts';
import { createRandom, proseOf } from './random.ts';
import type { Wanted } from './subject.ts';

const liveCount = 3;
const newest = 'select id, directory from session where parent_id is null order by id limit 10';

/**
 * Busy sessions in a generated database. A process other than the measuring one writes them: each `commit` is the next event
 * of one session (a prompt, a step, a text, a tool with output of 1 to 40 KB, its end), as opencode writes it.
 */
export class LiveSessions {
  /** The request of a monitor of this machine: the live sessions, ten older ones, and the directories of these. */
  readonly wanted: Wanted;
  readonly #db: OpencodeDatabase;
  readonly #random = createRandom(1);
  readonly #writers: readonly SessionWriter[];
  readonly #hasEvents: boolean;
  readonly #seqs = new Map<string, number>();
  #commits = 0;

  constructor(path: string, version: BenchVersion, nowMs: number) {
    this.#db = new OpencodeDatabase(path, version);
    this.#hasEvents = this.#db.rows("select 1 from sqlite_master where name = 'event'").length > 0;
    const older = this.#db.rows(newest);
    this.#writers = Array.from({ length: liveCount }, (_, number) =>
      this.#db.session({
        atMs: nowMs,
        title: `Live ${number}`,
        directory: directoryOf(number),
        // The columns behind large diffs are in overflow pages, as in long sessions.
        ...(number === 0 ? { summaryDiffs: proseOf(this.#random, 99_000, 100_000) } : {}),
      }),
    );
    this.wanted = {
      sessionIds: [...this.#writers.map(({ id }) => id), ...older.map((row) => String(row.id))],
      directories: [...new Set(older.map((row) => String(row.directory)))],
    };
    for (const writer of this.#writers)
      this.#db.run(
        'insert or ignore into todo values (?, ?, ?, ?, ?, ?, ?)',
        writer.id,
        'write it',
        'pending',
        'high',
        0,
        nowMs,
        nowMs,
      );
  }

  /** Commits the next event of one session. */
  commit(): void {
    const writer = this.#writers[this.#commits % liveCount];
    if (writer === undefined) return;
    const step = Math.floor(this.#commits / liveCount) % 6;
    this.#commits += 1;
    writer.after(200);
    if (step === 0) {
      writer.prompt(proseOf(this.#random, 100, 2000));
      return;
    }
    this.#db.transaction(() => {
      if (step === 1) writer.step();
      if (step === 2) writer.stream();
      if (step === 3) writer.closes(`${proseOf(this.#random, 200, 4000)}\nanswer ${this.#commits}`);
      if (step === 4) writer.tool('bash', { command: 'npm test' });
      if (step === 5)
        writer.toolDone(proseOf(this.#random, 1000, 40_000)).finish('tool-calls', { input: 10, output: 1 });
      if (this.#hasEvents) this.#event(writer);
    });
  }

  /** Writes this many pages into the WAL and turns checkpoints off, so that they stay there. */
  fillWal(pages: number): void {
    this.#db.run('pragma wal_autocheckpoint = 0');
    const row = proseOf(this.#random, 3000, 3001);
    this.#db.run('create table if not exists filler (text text)');
    this.#db.transaction(() => {
      this.#db.run(
        'with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) insert into filler select ? from n',
        pages,
        row,
      );
    });
  }

  close(): void {
    this.#db.close();
  }

  #event(writer: SessionWriter): void {
    const seq = (this.#seqs.get(writer.id) ?? 0) + 1;
    this.#seqs.set(writer.id, seq);
    const [part] = this.#db.rows('select data from part where id = ?', writer.partId);
    this.#db.run('insert or replace into event_sequence (aggregate_id, seq) values (?, ?)', writer.id, seq);
    this.#db.insert('event', {
      id: this.#db.newId('evt', writer.atMs),
      aggregate_id: writer.id,
      seq,
      type: 'message.part.updated.1',
      data: typeof part?.data === 'string' ? part.data : '{}',
    });
  }
}
