import type { TokenCount } from '../domain/session/session.ts';
import { addTokens } from '../domain/session/tokens.ts';
import type { FleetEvent, Json, SessionRow, Todo } from './fleet-event.ts';
import type { IdPrefix } from './ids.ts';
import { assistantJson, permissionRules, stepTokens, tokensJson, userJson } from './message-json.ts';
import { type DemoModel, stepCost } from './models.ts';
import type { Random } from './random.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** Version that the fleet's rows and log lines are modelled on. */
export const opencodeVersion = '1.18.33';

/** What simulated sessions share: the simulated time, ids, and where their writes go. */
export interface World {
  /** Simulated time; advances between the steps of the scripts, never within one. */
  nowMs: number;
  newId(prefix: IdPrefix, atMs: number): string;
  emit(event: FleetEvent): void;
}

/** How a simulated session begins. */
export interface SessionStart {
  readonly directory: string;
  readonly projectId: string;
  readonly slug: string;
  readonly model: DemoModel;
  readonly agent: string;
  readonly title?: string;
  readonly parent?: SimulatedSession;
}

/** What ends an assistant message. */
export type Finish = 'stop' | 'tool-calls' | 'length';

interface Open {
  readonly id: string;
  readonly messageId: string;
  readonly createdMs: number;
  data: Json;
}

/**
 * One session as opencode 1.18.33 writes it: each method is one thing that happens, and emits the rows and log lines
 * that a real run left for it (opencode.md, "States in the database"; opencode.md, "Log from
 * 1.17"; and runs of 1.18.33 against a scripted model).
 */
export class SimulatedSession {
  readonly id: string;
  readonly start: SessionStart;
  /** The process that runs it; another one after a resume. */
  process: SimulatedProcess;
  title: string;
  /** Tokens in the model's window after the last step. */
  contextTokens = 14_000;
  messageCount = 0;
  readonly #world: World;
  readonly #random: Random;
  readonly #createdMs: number;
  #updatedMs: number;
  #cost = 0;
  #tokens: TokenCount = { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 };
  #step = 0;
  #userId = '';
  #message: Open | undefined;
  #part: Open | undefined;

  constructor(world: World, random: Random, process: SimulatedProcess, start: SessionStart) {
    this.#world = world;
    this.#random = random;
    this.process = process;
    this.start = start;
    this.#createdMs = world.nowMs;
    this.#updatedMs = world.nowMs;
    this.id = world.newId('ses', world.nowMs);
    this.title = start.title ?? `New session - ${new Date(world.nowMs).toISOString()}`;
    this.#put();
    process.log(world.nowMs, 'created', {
      id: this.id,
      slug: start.slug,
      version: opencodeVersion,
      projectID: start.projectId,
      directory: start.directory,
      path: start.directory.slice(1),
      workspaceID: undefined,
      parentID: start.parent?.id,
      title: this.title,
      agent: start.agent,
      'model.id': start.model.modelID,
      'model.providerID': start.model.providerID,
    });
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  /** The title model's answer; the TUI shows it in the terminal's title. */
  name(title: string): void {
    this.title = title;
    if (this.start.parent === undefined) this.process.shownTitle = title;
    this.#put();
  }

  /** A person's prompt. */
  prompt(text: string): void {
    this.#user({ type: 'text', text });
  }

  /** opencode asks for a summary because the window is nearly full. */
  requestCompaction(): void {
    this.#user({ type: 'compaction', auto: true, overflow: false });
  }

  /** What opencode says to itself after a compaction. */
  continueAfterCompaction(): void {
    const text =
      'Continue if you have next steps, or stop and ask for clarification if you are unsure how to proceed.';
    this.#user({ type: 'text', text, synthetic: true, metadata: { compaction_continue: true } });
  }

  /** An assistant message without parts: the request is on its way. */
  beginStep(agent = this.start.agent): void {
    const { nowMs } = this;
    this.process.log(nowMs, 'loop', { 'session.id': this.id, step: this.#step });
    this.#step++;
    this.process.busyTurns++;
    this.messageCount++;
    this.#part = undefined;
    this.#message = {
      id: this.#world.newId('msg', nowMs),
      messageId: '',
      createdMs: nowMs,
      data: assistantJson({ ...this.start, agent }, this.#userId, nowMs),
    };
    this.#putMessage(this.#message);
    this.process.log(nowMs, 'process', { 'session.id': this.id, messageID: this.#message.id });
    this.requestStream(agent);
  }

  /** A request to the model; a repeat for the same message is a retry. */
  requestStream(agent = this.start.agent): void {
    this.process.log(this.nowMs, 'stream', this.#streamFields(agent));
  }

  /** The model's server refused a request that will be repeated. Nothing is written to the database. */
  failStream(error: string): void {
    const fields = { ...this.#streamFields(this.start.agent), 'error.error': error };
    this.process.log(this.nowMs, 'stream error', fields, 'ERROR');
  }

  /** Reasoning or text begins to stream: its text stays "" until it ends. */
  startText(kind: 'reasoning' | 'text'): void {
    this.#ensureStepStart();
    this.#open({ type: kind, text: '', time: { start: this.nowMs } });
  }

  endText(text: string): void {
    this.#change((data) => ({ ...data, text, time: { ...object(data.time), end: this.nowMs } }));
  }

  /** A tool call's arguments begin to stream. */
  callTool(tool: string): void {
    this.#ensureStepStart();
    const callID = `call_${this.#random.text('abcdefghijklmnopqrstuvwxyz0123456789', 24)}`;
    this.#open({ type: 'tool', tool, callID, state: { status: 'pending', input: {}, raw: '' } });
  }

  /** The tool runs, or waits for permission: without metadata the row is the same. */
  runTool(input: Json, metadata?: Json): void {
    const time = { start: this.nowMs };
    this.#change((data) => ({
      ...data,
      state: { status: 'running', input, ...(metadata && { metadata }), time },
    }));
  }

  /** Permission is asked for: a log line that names neither session nor call. */
  ask(permission: string, patterns: readonly string[]): void {
    const rule = { 'action.permission': permission, 'action.action': 'ask', 'action.pattern': '*' };
    for (const pattern of patterns)
      this.process.log(this.nowMs, 'evaluated', { permission, pattern, ...rule });
    const id = this.#world.newId('per', this.nowMs);
    this.process.log(this.nowMs, 'asking', { id, permission, patterns: JSON.stringify(patterns) });
  }

  /** Asks questions; gives the request's id for `answer`. */
  question(input: Json): string {
    this.runTool(input);
    const id = this.#world.newId('que', this.nowMs);
    this.process.log(this.nowMs, 'asking', { id, questions: 1 });
    return id;
  }

  answer(requestID: string, answer: string): void {
    this.process.log(this.nowMs, 'replied', { requestID, answers: JSON.stringify([[answer]]) });
  }

  /** What the running tool shows so far. */
  toolOutput(output: string): void {
    this.#change((data) => ({ ...data, state: { ...object(data.state), metadata: { output } } }));
  }

  /** What a running `task` says of its subagent. */
  showMetadata(title: string, metadata: Json): void {
    this.#change((data) => ({ ...data, state: { ...object(data.state), title, metadata } }));
  }

  endTool(output: string, title: string, metadata: Json = {}): void {
    this.#change((data) => {
      const { input, time, metadata: soFar } = object(data.state);
      return {
        ...data,
        state: {
          status: 'completed',
          input,
          output,
          metadata: { ...object(soFar), ...metadata, truncated: false },
          title,
          time: { ...object(time), end: this.nowMs },
        },
      };
    });
  }

  todos(todos: readonly Todo[]): void {
    this.#world.emit({ kind: 'todos', sessionId: this.id, todos, atMs: this.nowMs });
  }

  /** The step is over; after any finish but `tool-calls` the turn is, unless a queued prompt keeps the loop going. */
  endStep(finish: Finish, loopGoesOn = finish === 'tool-calls'): void {
    const { tokens, contextTokens } = stepTokens(this.#random, this.start.model, this.contextTokens);
    this.contextTokens = contextTokens;
    const cost = stepCost(this.start.model, tokens);
    const counted = tokensJson(tokens);
    this.#open({ reason: finish, type: 'step-finish', tokens: counted, cost });
    this.#part = undefined;
    this.#cost += cost;
    this.#tokens = addTokens(this.#tokens, tokens);
    if (!loopGoesOn) this.#updatedMs = this.nowMs;
    this.#put();
    this.#complete({ tokens: counted, cost, finish });
    if (!loopGoesOn) this.process.log(this.nowMs, 'exiting loop', { 'session.id': this.id });
  }

  /** The process was killed: nothing is written, and what is unfinished stays so for ever. */
  leave(): void {
    this.#message = undefined;
    this.#part = undefined;
  }

  /** A person pressed escape. */
  abort(): void {
    const error = { name: 'MessageAbortedError', data: { message: 'Aborted' } };
    this.process.log(this.nowMs, 'cancel', { 'session.id': this.id });
    this.#complete({ error });
    this.#logFailure('Aborted');
  }

  /** The model's server refused for good. */
  fail(message: string, statusCode: number): void {
    const error = { name: 'APIError', data: { message, statusCode, isRetryable: false } };
    this.#complete({ error });
    this.#logFailure(message);
  }

  /** A summary replaces what the window held. */
  compacted(): void {
    this.contextTokens = this.#random.between(9_000, 16_000);
  }

  #user(part: Json): void {
    const { nowMs } = this;
    // A prompt amid a step is queued: the same loop takes it up.
    if (this.#message === undefined) this.#step = 0;
    this.messageCount++;
    this.#updatedMs = nowMs;
    this.#userId = this.#world.newId('msg', nowMs);
    const data = userJson(this.start, nowMs);
    this.#putMessage({ id: this.#userId, messageId: '', createdMs: nowMs, data });
    const partId = this.#world.newId('prt', nowMs);
    this.#putPart({ id: partId, messageId: this.#userId, createdMs: nowMs, data: part });
    this.#put();
  }

  #ensureStepStart(): void {
    if (this.#part === undefined) this.#open({ type: 'step-start' });
  }

  #open(data: Json): void {
    if (this.#message === undefined) throw new Error('a part needs a step that has begun');
    const { nowMs } = this;
    const id = this.#world.newId('prt', nowMs);
    this.#part = { id, messageId: this.#message.id, createdMs: nowMs, data };
    this.#putPart(this.#part);
  }

  #change(change: (data: Json) => Json): void {
    if (this.#part === undefined) throw new Error('no part is open');
    this.#part.data = change(this.#part.data);
    this.#putPart(this.#part);
  }

  #complete(fields: Json): void {
    if (this.#message === undefined) throw new Error('no step has begun');
    const { data } = this.#message;
    const time = { ...object(data.time), completed: this.nowMs };
    this.#message.data = { ...data, ...fields, time };
    this.#putMessage(this.#message);
    this.#message = undefined;
    this.process.busyTurns--;
    this.process.stepsTaken++;
  }

  #logFailure(error: string): void {
    this.process.log(this.nowMs, 'process', { 'session.id': this.id, error, stack: undefined }, 'ERROR');
  }

  #streamFields(agent: string) {
    const { providerID, modelID } = this.start.model;
    return { providerID, modelID, 'session.id': this.id, small: 'false', agent, mode: 'primary' };
  }

  #put(): void {
    const { start } = this;
    const permission = permissionRules(this.process.start.kind, start.parent !== undefined);
    const row: SessionRow = {
      id: this.id,
      projectId: start.projectId,
      ...(start.parent && { parentId: start.parent.id }),
      slug: start.slug,
      directory: start.directory,
      title: this.title,
      ...(permission && { permission }),
      agent: start.agent,
      model: { id: start.model.modelID, providerID: start.model.providerID, variant: 'default' },
      cost: this.#cost,
      tokens: this.#tokens,
      createdMs: this.#createdMs,
      updatedMs: this.#updatedMs,
    };
    this.#world.emit({ kind: 'session', row, atMs: this.nowMs });
  }

  #putMessage({ id, createdMs, data }: Open): void {
    this.#world.emit({ kind: 'message', id, sessionId: this.id, createdMs, data, atMs: this.nowMs });
  }

  #putPart({ id, messageId, createdMs, data }: Open): void {
    this.#world.emit({ kind: 'part', id, messageId, sessionId: this.id, createdMs, data, atMs: this.nowMs });
  }
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
