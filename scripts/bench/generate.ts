import { type Cell, NativeDatabase } from '../../spec/support/native-sqlite.ts';
import { OpencodeDatabase, type SchemaVersion } from '../../spec/support/opencode-database.ts';
import { createIds } from '../../spec/support/opencode-ids.ts';
import { createRandom, proseOf, type Random } from './random.ts';

/** The two measured schema versions: without and with token totals on the session row. */
export type BenchVersion = Extract<SchemaVersion, '1.2.27' | '1.18.33'>;

/** A session to write. */
interface Planned {
  readonly turns: number;
  readonly summaryDiffBytes: number;
}

const dayMs = 24 * 3600 * 1000;
const spanMs = 180 * dayMs;
/** The newest session ended this long ago, so that no generated session is busy. */
const idleMs = 600_000;
const stepMs = 5000;
const turnMs = 30_000;
/** The size of a turn in the file, including indexes; 1.18 writes each part a second time, as an event. */
const turnBytes: Readonly<Record<BenchVersion, number>> = { '1.2.27': 56_000, '1.18.33': 108_000 };
const rowsPerTransaction = 20_000;
const directories = 40;

/**
 * Writes a database of about `sizeBytes`, like months of work: sessions of 2 to 80 turns over the 180 days before
 * `nowMs`, parts of 1 to 50 KB, one session in twenty with `summary_diffs` of 0.1 to 2.3 MB. All but the times depends
 * on the size only. 5 GB take about a minute, without journal and sync; then the database is in WAL mode.
 */
export function generate(path: string, version: BenchVersion, sizeBytes: number, nowMs: number): void {
  new OpencodeDatabase(path, version).close();
  const sql = new NativeDatabase(path);
  sql.exec('pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144');
  sql.exec('pragma locking_mode = exclusive; pragma foreign_keys = off');
  const random = createRandom(sizeBytes);
  const sessions = plan(random, sizeBytes, turnBytes[version]);
  const generator = new Generator(sql, random);
  sessions.forEach((session, index) => {
    const endMs = nowMs - spanMs * (1 - (index + 1) / sessions.length) - idleMs;
    generator.session(session, endMs - session.turns * turnMs);
  });
  generator.finish();
  sql.exec('pragma locking_mode = normal; pragma journal_mode = wal');
  sql.close();
}

/** Returns one of the directories of the sessions; the first ones have the most sessions. */
export function directoryOf(number: number): string {
  return `/home/u/project-${number % directories}`;
}

function plan(random: Random, sizeBytes: number, bytesPerTurn: number): Planned[] {
  const sessions: Planned[] = [];
  let bytes = 0;
  while (bytes < sizeBytes) {
    const turns = 2 + Math.floor(random() ** 3 * 80);
    const kind = random();
    const maxBytes = kind < 0.05 ? 2_300_000 : 20_000;
    const summaryDiffBytes = kind < 0.35 ? Math.floor(maxBytes * (0.05 + 0.95 * random())) : 0;
    sessions.push({ turns, summaryDiffBytes });
    bytes += turns * bytesPerTurn + summaryDiffBytes;
  }
  return sessions;
}

class Generator {
  readonly #sql: NativeDatabase;
  readonly #random: Random;
  readonly #newId = createIds();
  readonly #inserts = new Map<string, (values: readonly Cell[]) => void>();
  readonly #hasEvents: boolean;
  #rows = 0;
  #sessions = 0;

  constructor(sql: NativeDatabase, random: Random) {
    this.#sql = sql;
    this.#random = random;
    this.#hasEvents = this.#columns('event').size > 0;
    this.#sql.exec('begin');
  }

  session({ turns, summaryDiffBytes }: Planned, startMs: number): void {
    const id = this.#newId('ses', Math.floor(startMs));
    const parent = this.#random() < 0.2 ? this.#lastRoot : undefined;
    if (parent === undefined) this.#lastRoot = id;
    let atMs = Math.floor(startMs);
    let seq = 0;
    const event = (type: string, data: string) => {
      seq += 1;
      if (this.#hasEvents)
        this.#insert('event', { id: this.#newId('evt', atMs), aggregate_id: id, seq, type, data });
    };
    for (let turn = 0; turn < turns; turn += 1) {
      const userId = this.#message(id, atMs, { role: 'user', time: { created: atMs }, agent: 'build' });
      this.#part(id, userId, atMs, { type: 'text', text: this.#prose(200, 4000) }, event);
      for (let step = 0; step < 2; step += 1) {
        atMs += stepMs;
        const messageId = this.#message(id, atMs, this.#assistant(userId, atMs));
        this.#part(id, messageId, atMs, { type: 'text', text: this.#prose(1000, 5000) }, event);
        this.#part(id, messageId, atMs, this.#tool(atMs), event);
      }
      atMs += turnMs - 2 * stepMs;
    }
    if (this.#hasEvents) this.#insert('event_sequence', { aggregate_id: id, seq });
    this.#insert('session', {
      id,
      project_id: 'global',
      parent_id: parent ?? null,
      slug: 'crisp-river',
      directory: directoryOf(Math.floor(this.#random() ** 2 * directories)),
      title: this.#prose(20, 60),
      version: '1.2.27',
      summary_additions: 12,
      summary_deletions: 3,
      summary_files: 2,
      summary_diffs: summaryDiffBytes === 0 ? null : this.#diffs(summaryDiffBytes),
      cost: 0.02 * turns,
      tokens_input: 2000 * turns,
      tokens_output: 200 * turns,
      tokens_reasoning: 0,
      tokens_cache_read: 40_000 * turns,
      tokens_cache_write: 0,
      time_created: Math.floor(startMs),
      time_updated: atMs,
    });
    this.#sessions += 1;
  }

  #lastRoot: string | undefined;

  finish(): void {
    this.#sql.exec('commit');
  }

  #message(sessionId: string, atMs: number, data: object): string {
    const id = this.#newId('msg', atMs);
    const times = { time_created: atMs, time_updated: atMs };
    this.#insert('message', { id, session_id: sessionId, ...times, data: JSON.stringify(data) });
    return id;
  }

  #part(
    sessionId: string,
    messageId: string,
    atMs: number,
    part: object,
    event: (type: string, data: string) => void,
  ): void {
    const id = this.#newId('prt', atMs);
    const times = { time_created: atMs, time_updated: atMs };
    const data = JSON.stringify(part);
    this.#insert('part', { id, message_id: messageId, session_id: sessionId, ...times, data });
    event('message.part.updated.1', data);
  }

  #assistant(parentID: string, atMs: number): object {
    return {
      parentID,
      role: 'assistant',
      mode: 'build',
      agent: 'build',
      path: { cwd: '/home/u/project', root: '/' },
      cost: 0.01,
      tokens: { input: 1000, output: 100, reasoning: 0, cache: { read: 20_000, write: 0 } },
      modelID: 'fake-1',
      providerID: 'fake',
      time: { created: atMs, completed: atMs + 4000 },
      finish: 'stop',
      system: this.#prose(100, 600),
    };
  }

  #tool(atMs: number): object {
    const output = this.#prose(1000, 42_000);
    const time = { start: atMs, end: atMs + 1000 };
    const input = { command: this.#prose(20, 200) };
    return {
      type: 'tool',
      tool: 'bash',
      callID: 'call_1',
      state: { status: 'completed', input, output, time },
    };
  }

  #diffs(bytes: number): string {
    const file = { file: 'src/a.ts', before: this.#prose(8000, 9000), after: this.#prose(8000, 9000) };
    const one = JSON.stringify(file);
    return `[${Array.from({ length: Math.ceil(bytes / one.length) }, () => one).join(',')}]`;
  }

  #prose(minChars: number, maxChars: number): string {
    return proseOf(this.#random, minChars, maxChars);
  }

  #insert(table: string, row: Readonly<Record<string, Cell>>): void {
    this.#rows += 1;
    if (this.#rows % rowsPerTransaction === 0) this.#sql.exec('commit; begin');
    const known = this.#inserts.get(table);
    const insert = known ?? this.#prepare(table, Object.keys(row));
    if (known === undefined) this.#inserts.set(table, insert);
    insert(Object.values(row));
  }

  /** Prepares an insert without the columns that this schema version lacks. */
  #prepare(table: string, names: readonly string[]): (values: readonly Cell[]) => void {
    const columns = this.#columns(table);
    const existing = names.map((name, place) => ({ name, place })).filter(({ name }) => columns.has(name));
    const marks = existing.map(() => '?').join(', ');
    const statement = this.#sql.prepare(
      `insert into \`${table}\` (${existing.map(({ name }) => name).join(', ')}) values (${marks})`,
    );
    return (values) => {
      statement.run(...existing.map(({ place }) => values[place] ?? null));
    };
  }

  #columns(table: string): ReadonlySet<string> {
    const rows = this.#sql.prepare('select name from pragma_table_info(?)').all(table);
    return new Set(rows.map((row) => String(row.name)));
  }
}
