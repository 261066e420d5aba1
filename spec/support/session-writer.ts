import type { Cell } from './native-sqlite.ts';
import type { OpencodeDatabase } from './opencode-database.ts';

/** Initial fields of a session. */
export interface SessionStart {
  /** Time of its creation, epoch ms; the writer's clock starts here. */
  readonly atMs: number;
  readonly id?: string;
  readonly title?: string;
  readonly directory?: string;
  readonly parentId?: string;
  readonly agent?: string;
  /** True for a session of `opencode run`, whose permission rules deny the question tool. */
  readonly run?: boolean;
  readonly model?: { readonly providerID: string; readonly modelID: string };
  /** Text of `summary_diffs`; a long one needs overflow pages. */
  readonly summaryDiffs?: string;
}

/** Tokens of one assistant message, as in `message.data.tokens`. */
export interface MessageTokens {
  readonly input?: number;
  readonly output?: number;
  readonly reasoning?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

interface Todo {
  readonly content: string;
  readonly status: 'pending' | 'in_progress' | 'completed' | 'cancelled';
  readonly priority?: 'high' | 'medium' | 'low';
}

type Json = Record<string, unknown>;

const questionDenied = JSON.stringify(
  ['question', 'plan_enter', 'plan_exit'].map((permission) => ({ permission, pattern: '*', action: 'deny' })),
);
const taskDenied = JSON.stringify([{ permission: 'task', pattern: '*', action: 'deny' }]);

/**
 * Writes one session's rows as opencode 1.x does, event by event: `prompt` → `step` (assistant row without parts, waiting
 * for the first token) → `reason`, `stream`, `toolPending`, `tool`, … → `finish`, `fail`, `abort`. Each call is a commit
 * at the writer's clock; `after(ms)` advances the clock. The rows are copied from runs of 1.2.27, 1.14.41 and 1.18.33.
 */
export class SessionWriter {
  readonly id: string;
  atMs: number;
  /** Ids of the newest user message, of the open assistant message, and of the part that the next call updates. */
  userId = '';
  messageId = '';
  partId = '';
  readonly #db: OpencodeDatabase;
  readonly #start: SessionStart;
  #message: Json = {};
  #part: Json = {};

  constructor(db: OpencodeDatabase, start: SessionStart) {
    this.#db = db;
    this.#start = start;
    this.atMs = start.atMs;
    this.id = start.id ?? db.newId('ses', start.atMs);
    const model = this.#model();
    db.insert('session', {
      id: this.id,
      project_id: 'global',
      parent_id: start.parentId ?? null,
      slug: 'crisp-river',
      directory: start.directory ?? '/home/u/project',
      path: (start.directory ?? '/home/u/project').slice(1),
      title: start.title ?? `New session - ${new Date(start.atMs).toISOString()}`,
      version: db.version,
      summary_diffs: start.summaryDiffs ?? null,
      permission: start.run === true ? questionDenied : start.parentId === undefined ? null : taskDenied,
      agent: start.agent ?? 'build',
      model: JSON.stringify({ id: model.modelID, providerID: model.providerID, variant: 'default' }),
      time_created: start.atMs,
      time_updated: start.atMs,
    });
  }

  /** Advances the clock before the next event. */
  after(ms: number): this {
    this.atMs += ms;
    return this;
  }

  /** Writes a user message with its text part, and updates the session row, as at every prompt. */
  prompt(text: string): this {
    this.#user([{ type: 'text', text }]);
    return this;
  }

  /** Writes a request to compact: a user message with a compaction part. */
  compaction(auto = false): this {
    this.#user([{ type: 'compaction', auto, overflow: false }]);
    return this;
  }

  /** Writes the synthetic message that continues after an automatic compaction. */
  synthetic(text = 'Continue if you have next steps'): this {
    this.#user([{ type: 'text', text, synthetic: true, metadata: { compaction_continue: true } }]);
    return this;
  }

  /** Opens an assistant message without parts: waiting for the first token, or retrying. The rows are the same. */
  step(options: { summary?: boolean; agent?: string } = {}): this {
    const agent = options.agent ?? (options.summary === true ? 'compaction' : (this.#start.agent ?? 'build'));
    this.messageId = this.#db.newId('msg', this.atMs);
    this.#message = {
      parentID: this.userId,
      role: 'assistant',
      mode: agent,
      agent,
      path: { cwd: this.#start.directory ?? '/home/u/project', root: '/' },
      cost: 0,
      tokens: { input: 0, output: 0, reasoning: 0, cache: { write: 0, read: 0 } },
      ...this.#model(),
      time: { created: this.atMs },
      ...(options.summary === true ? { summary: true } : {}),
    };
    this.#insertMessage(this.messageId, this.#message);
    return this;
  }

  /** Opens a reasoning part that is still streaming: its text stays "" until `closes`. */
  reason(): this {
    return this.part({ type: 'step-start' }).part({
      type: 'reasoning',
      text: '',
      time: { start: this.atMs },
    });
  }

  /** Opens a text part that is still streaming: text "" and no end time. */
  stream(): this {
    return this.part({ type: 'step-start' }).part({ type: 'text', text: '', time: { start: this.atMs } });
  }

  /** Ends the open text or reasoning part with its whole text. */
  closes(text: string): this {
    const time = this.#part.time as Json;
    return this.#updatePart({ ...this.#part, text, time: { ...time, end: this.atMs } });
  }

  /** Opens a tool call whose arguments are still streaming. */
  toolPending(tool: string): this {
    const state = { status: 'pending', input: {}, raw: '' };
    return this.part({ type: 'tool', tool, callID: this.#callId(), state });
  }

  /** Opens a tool call that runs or waits for permission; without metadata both have the same row. */
  tool(tool: string, input: Json = {}, metadata?: Json): this {
    const state = { status: 'running', input, time: { start: this.atMs }, ...(metadata ? { metadata } : {}) };
    return this.part({ type: 'tool', tool, callID: this.#callId(), state });
  }

  /** Opens a call of the `question` tool that waits for its answer. */
  question(question: string): this {
    return this.tool('question', {
      questions: [{ question, header: 'q', options: [{ label: 'yes' }, { label: 'no' }] }],
    });
  }

  /** Sets the running tool's output in its metadata. */
  toolOutput(output: string): this {
    return this.#updateTool({ metadata: { output } });
  }

  /** Completes the running tool. */
  toolDone(output = 'ok'): this {
    return this.#endTool({
      status: 'completed',
      output,
      metadata: { output, exit: 0, truncated: false },
      title: 'done',
    });
  }

  /** Ends the running tool with an error; a rejected permission is one too. */
  toolFails(error = 'The user rejected permission to use this specific tool call.'): this {
    return this.#endTool({ status: 'error', error });
  }

  /** Starts a subagent's session, and the parent's running `task` part that names it. */
  subagent(description: string, options: { agent?: string; named?: boolean } = {}): SessionWriter {
    const agent = options.agent ?? 'general';
    const child = this.#db.session({
      ...this.#start,
      id: this.#db.newId('ses', this.atMs),
      atMs: this.atMs,
      parentId: this.id,
      agent,
      title: `${description} (@${agent} subagent)`,
    });
    const metadata = { parentSessionId: this.id, sessionId: child.id };
    const input = { description, prompt: `Please ${description}`, subagent_type: agent };
    this.tool('task', input, options.named === false ? undefined : metadata);
    return child;
  }

  /** Ends the assistant message: after `tool-calls` another step follows, `stop` ends the turn, `length` truncates it. */
  finish(
    finish: 'stop' | 'tool-calls' | 'length' | string = 'stop',
    tokens: MessageTokens = {},
    cost = 0.001,
  ): this {
    const counted = countOf(tokens);
    this.part({ type: 'step-finish', reason: finish, tokens: counted, cost });
    this.#updateMessage({ time: this.#ended(), finish, cost, tokens: counted });
    this.#db.run(`update session set time_updated = ? where id = ?`, this.atMs, this.id);
    this.#rollUp(tokens, cost);
    return this;
  }

  /** Ends the assistant message with an error, as from a provider. */
  fail(message = 'bad request: fake', name = 'APIError'): this {
    const error = { name, data: { message, statusCode: 400, isRetryable: false } };
    return this.#updateMessage({ time: this.#ended(), error });
  }

  /** Ends the message with MessageAbortedError, as Esc does. */
  abort(): this {
    return this.fail('Aborted', 'MessageAbortedError');
  }

  /** Ends the message without error and without finish, as Esc during a retry does. */
  abortRetry(): this {
    return this.#updateMessage({ time: this.#ended() });
  }

  /** Writes a whole turn: prompt, one step with one text, finish. */
  turn(prompt: string, answer: string, tokens: MessageTokens = { input: 100, output: 10 }): this {
    return this.prompt(prompt)
      .after(5)
      .step()
      .after(5)
      .stream()
      .after(50)
      .closes(answer)
      .finish('stop', tokens)
      .after(5);
  }

  /** Replaces the todo list. */
  todos(todos: readonly Todo[]): this {
    this.#db.transaction(() => {
      this.#db.run('delete from todo where session_id = ?', this.id);
      todos.forEach((todo, position) => {
        const times = { time_created: this.atMs, time_updated: this.atMs };
        this.#db.insert('todo', { session_id: this.id, priority: 'medium', ...todo, position, ...times });
      });
    });
    return this;
  }

  /** Reverts to a message, as /undo does. */
  revert(messageId = this.userId): this {
    return this.set({ revert: JSON.stringify({ messageID: messageId, snapshot: 'abc', diff: '' }) });
  }

  archive(): this {
    return this.set({ time_archived: this.atMs });
  }

  /** Sets columns of the session row, and its `time_updated`. */
  set(row: Readonly<Record<string, Cell>>): this {
    this.#db.update('session', this.id, { time_updated: this.atMs, ...row });
    return this;
  }

  /** Adds a part to the open assistant message. */
  part(part: Json): this {
    this.partId = this.#db.newId('prt', this.atMs);
    this.#part = part;
    this.#insertPart(this.partId, this.messageId, part);
    return this;
  }

  #user(parts: readonly Json[]): void {
    this.userId = this.#db.newId('msg', this.atMs);
    const { providerID, modelID } = this.#model();
    const agent = this.#start.agent ?? 'build';
    this.#db.transaction(() => {
      const model = { providerID, modelID };
      this.#insertMessage(this.userId, {
        role: 'user',
        time: { created: this.atMs },
        agent,
        model,
        summary: { diffs: [] },
      });
      for (const part of parts) this.#insertPart(this.#db.newId('prt', this.atMs), this.userId, part);
      this.set({});
    });
  }

  #insertMessage(id: string, message: Json): void {
    const times = { time_created: this.atMs, time_updated: this.atMs };
    this.#db.insert('message', { id, session_id: this.id, ...times, data: JSON.stringify(message) });
  }

  #insertPart(id: string, messageId: string, part: Json): void {
    const times = { time_created: this.atMs, time_updated: this.atMs };
    this.#db.insert('part', {
      id,
      message_id: messageId,
      session_id: this.id,
      ...times,
      data: JSON.stringify(part),
    });
  }

  #updateMessage(change: Json): this {
    this.#message = { ...this.#message, ...change };
    this.#db.update('message', this.messageId, {
      time_updated: this.atMs,
      data: JSON.stringify(this.#message),
    });
    return this;
  }

  #updatePart(part: Json): this {
    this.#part = part;
    this.#db.update('part', this.partId, { time_updated: this.atMs, data: JSON.stringify(part) });
    return this;
  }

  #updateTool(change: Json): this {
    return this.#updatePart({ ...this.#part, state: { ...(this.#part.state as Json), ...change } });
  }

  #endTool(change: Json): this {
    const time = (this.#part.state as Json).time as Json | undefined;
    return this.#updateTool({ ...change, time: { start: this.atMs, ...time, end: this.atMs } });
  }

  #ended(): Json {
    return { ...(this.#message.time as Json), completed: this.atMs };
  }

  #rollUp(tokens: MessageTokens, cost: number): void {
    if (!this.#db.hasRollups) return;
    this.#db.run(
      `update session set cost = cost + ?, tokens_input = tokens_input + ?, tokens_output = tokens_output + ?,
        tokens_reasoning = tokens_reasoning + ?, tokens_cache_read = tokens_cache_read + ?,
        tokens_cache_write = tokens_cache_write + ? where id = ?`,
      cost,
      tokens.input ?? 0,
      tokens.output ?? 0,
      tokens.reasoning ?? 0,
      tokens.cacheRead ?? 0,
      tokens.cacheWrite ?? 0,
      this.id,
    );
  }

  #callId(): string {
    return `call_${this.#db.newId('prt', this.atMs).slice(4)}`;
  }

  #model(): { providerID: string; modelID: string } {
    return { providerID: 'fake', modelID: 'fake-1', ...this.#start.model };
  }
}

function countOf(tokens: MessageTokens): Json {
  const { input = 0, output = 0, reasoning = 0, cacheRead = 0, cacheWrite = 0 } = tokens;
  const total = input + output + reasoning + cacheRead + cacheWrite;
  return { total, input, output, reasoning, cache: { write: cacheWrite, read: cacheRead } };
}
