import type { Cell } from './native-sqlite.ts';
import type { OpencodeDatabase } from './opencode-database.ts';

/** The build whose rows are written: P of opencode-2.md, "Builds", or the release by contract. */
export type BuildV2 = 'preview' | 'released';

type Json = Record<string, unknown>;

/** Initial fields of a session. */
export interface SessionStartV2 {
  readonly build: BuildV2;
  /** Time of its creation, epoch ms; the writer's clock starts here. */
  readonly atMs: number;
  readonly id?: string;
  readonly title?: string;
  readonly directory?: string;
  readonly parentId?: string;
}

const model = { id: 'fake-1', providerID: 'fake' };
const tokens = { input: 100, output: 20, reasoning: 3, cache: { read: 4, write: 5 } };

/**
 * Writes one session's rows as opencode 2 does, event by event: `claim`, `prompt`, `step`, `part`, `finish`, `idle`, …
 * Each call is a commit at the writer's clock; `after(ms)` advances the clock. The preview's rows are those of a real run,
 * the release's are made from its contract (opencode-2.md, "Message rows").
 */
export class SessionWriterV2 {
  readonly id: string;
  atMs: number;
  /** Id of the newest row of `session_message`. */
  messageId = '';
  readonly #db: OpencodeDatabase;
  readonly #build: BuildV2;
  #seq = 0;
  #message: Json = {};

  constructor(db: OpencodeDatabase, { build, atMs, id, title, directory, parentId }: SessionStartV2) {
    this.#db = db;
    this.#build = build;
    this.atMs = atMs;
    this.id = id ?? db.newId('ses', atMs);
    db.insert(this.table, {
      id: this.id,
      project_id: 'global',
      parent_id: parentId ?? null,
      slug: 'crisp-river',
      directory: directory ?? '/home/u/project',
      title: title ?? (build === 'preview' ? `New session - ${new Date(atMs).toISOString()}` : null),
      version: build === 'preview' ? '1.18.18' : '2.0.18',
      cost: 0,
      tokens_input: 0,
      tokens_output: 0,
      tokens_reasoning: 0,
      tokens_cache_read: 0,
      tokens_cache_write: 0,
      resume_attempts: 0,
      time_created: atMs,
      time_updated: atMs,
    });
  }

  get table(): 'session' | 'session_v2' {
    return this.#build === 'preview' ? 'session' : 'session_v2';
  }

  after(ms: number): this {
    this.atMs += ms;
    return this;
  }

  /** Updates columns of the session's row. */
  row(columns: Readonly<Record<string, Cell>>): this {
    this.#db.update(this.table, this.id, columns);
    return this;
  }

  /** Claims the session for a turn; the preview has no claims. */
  claim(): this {
    return this.#build === 'preview' ? this : this.row({ time_suspended: this.atMs });
  }

  /** Adds a row to `session_message`; `createdAtMs` of a prompt that waited is older than its place. */
  message(type: string, data: Json, createdAtMs = this.atMs): this {
    // Ids do not ascend: those of opencode 2 must not be compared.
    this.#seq += 3;
    this.messageId = `msg_${String(1000 - this.#seq)}_${this.id}`;
    this.#message = { time: { created: createdAtMs }, ...data };
    this.#db.insert('session_message', {
      id: this.messageId,
      session_id: this.id,
      type,
      seq: this.#seq,
      time_created: createdAtMs,
      time_updated: this.atMs,
      data: JSON.stringify(this.#message),
    });
    return this;
  }

  /** Changes fields of the newest message. */
  rewrite(data: Json): this {
    this.#message = { ...this.#message, ...data };
    this.#db.update('session_message', this.messageId, {
      time_updated: this.atMs,
      data: JSON.stringify(this.#message),
    });
    return this;
  }

  prompt(text: string, createdAtMs = this.atMs): this {
    return this.message('user', { text, files: [] }, createdAtMs);
  }

  step(...content: readonly Json[]): this {
    return this.message('assistant', { agent: 'build', model, content });
  }

  /** Replaces the content of the step. */
  content(...content: readonly Json[]): this {
    return this.rewrite({ content });
  }

  /** A running tool; `state` replaces its state. */
  tool(name: string, input: Json, state: Json = {}): Json {
    const running = { status: 'running', input, [this.#build === 'preview' ? 'structured' : 'metadata']: {} };
    return {
      type: 'tool',
      id: 'call_1',
      name,
      executed: false,
      state: { ...running, ...state },
      time: { created: this.atMs, ran: this.atMs },
    };
  }

  /** Completes the step with tokens and cost; adds them to the row's sums, which the preview leaves at 0. */
  finish(finish = 'stop', more: Json = {}): this {
    this.#time({ streamed: this.atMs, completed: this.atMs });
    this.rewrite({ finish, cost: 0.25, tokens, ...more });
    if (this.#build === 'preview') return this;
    const sums = 'cost = cost + 0.25, tokens_input = tokens_input + 100, tokens_output = tokens_output + 20';
    this.#db.run(`update session_v2 set ${sums} where id = ?`, this.id);
    return this;
  }

  /** Ends the step with an error: without finish reason, tokens and cost. */
  fail(type: string, message: string): this {
    this.#time({ completed: this.atMs });
    return this.rewrite({ finish: 'error', error: { type, message } });
  }

  /** Ends the turn with the row and the columns of the release. */
  idle(outcome: 'succeeded' | 'failed' | 'interrupted' = 'succeeded', more: Json = {}): this {
    if (this.#build === 'preview') return this;
    this.message('idle', { outcome, ...more });
    return this.row({ time_suspended: null, time_idle: this.atMs, idle_outcome: outcome });
  }

  #time(time: Json): void {
    const known = this.#message.time as Json;
    this.#message.time = { ...known, ...time };
  }

  /** Puts a prompt into the queue. Returns its id, for `deliver`. */
  enqueue(text: string): string {
    const id = `msg_queued_${this.atMs}`;
    const common = { id, session_id: this.id, delivery: 'queue', time_created: this.atMs };
    if (this.#build === 'preview')
      this.#db.insert('session_input', {
        ...common,
        prompt: JSON.stringify({ text }),
        admitted_seq: this.#seq + 1,
        promoted_seq: null,
      });
    else
      this.#db.insert('session_inbox', {
        ...common,
        type: 'user',
        payload: JSON.stringify({ text }),
        enqueued_seq: this.#seq + 1,
      });
    return id;
  }

  /** Takes a prompt from the queue: it keeps the time at which it was enqueued. */
  deliver(id: string, text: string, enqueuedAtMs: number): this {
    if (this.#build === 'preview')
      this.#db.run('update session_input set promoted_seq = ? where id = ?', this.#seq + 2, id);
    else this.#db.run('delete from session_inbox where id = ?', id);
    return this.prompt(text, enqueuedAtMs);
  }
}
