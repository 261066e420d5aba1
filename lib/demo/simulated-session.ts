import type { PendingAsk, Reply } from '../domain/session/acts.ts';
import type { TokenCount } from '../domain/session/session.ts';
import { addTokens } from '../domain/session/tokens.ts';
import { sanitize } from '../text/sanitize.ts';
import type { FleetEvent, Json, SessionRow, Todo } from './fleet-event.ts';
import type { IdPrefix } from './ids.ts';
import { assistantJson, permissionRules, stepTokens, tokensJson, userJson } from './message-json.ts';
import { type DemoModel, stepCost } from './models.ts';
import type { Random } from './random.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** The opencode version whose rows and log lines the fleet copies. */
export const opencodeVersion = '1.18.33';

/** The shared state of simulated sessions: simulated time, ids, and the receiver of their events. */
export interface SimulationContext {
  /** Simulated time, epoch ms; advances between the steps of the scripts, never within a step. */
  nowMs: number;
  newId(prefix: IdPrefix, atMs: number): string;
  emit(event: FleetEvent): void;
}

/** Initial fields of a simulated session. */
export interface SessionStart {
  readonly directory: string;
  readonly projectId: string;
  readonly slug: string;
  readonly model: DemoModel;
  readonly agent: string;
  readonly title?: string;
  readonly parent?: SimulatedSession;
}

/** The finish reason of an assistant message. */
export type Finish = 'stop' | 'tool-calls' | 'length';

/** A permission request or question of a simulated session, and the reply of otop's user once there is one. */
export interface SimulatedAsk extends PendingAsk {
  reply?: Reply;
}

interface OpenRow {
  readonly id: string;
  readonly messageId: string;
  readonly createdMs: number;
  data: Json;
}

/**
 * One session as opencode 1.18.33 writes it. Each method simulates one step of a real run and emits its rows and log
 * lines (opencode.md, "States in the database"; opencode.md, "Log from 1.17"; and runs of 1.18.33 against a scripted
 * model).
 */
export class SimulatedSession {
  readonly id: string;
  readonly start: SessionStart;
  /** The process that runs the session; another one after a resume. */
  process: SimulatedProcess;
  title: string;
  /** Tokens in the model's window after the last step. */
  contextTokens = 14_000;
  messageCount = 0;
  readonly #context: SimulationContext;
  readonly #random: Random;
  readonly #createdMs: number;
  #updatedMs: number;
  #cost = 0;
  #tokens: TokenCount = { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 };
  #step = 0;
  #userId = '';
  #message: OpenRow | undefined;
  #part: OpenRow | undefined;

  constructor(context: SimulationContext, random: Random, process: SimulatedProcess, start: SessionStart) {
    this.#context = context;
    this.#random = random;
    this.process = process;
    this.start = start;
    this.#createdMs = context.nowMs;
    this.#updatedMs = context.nowMs;
    this.id = context.newId('ses', context.nowMs);
    this.title = start.title ?? `New session - ${new Date(context.nowMs).toISOString()}`;
    this.#put();
    process.log(context.nowMs, 'created', {
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
    return this.#context.nowMs;
  }

  /** Sets the title, as the title model does; a TUI also shows it in the terminal's title. */
  name(title: string): void {
    this.title = title;
    if (this.start.parent === undefined) this.process.shownTitle = title;
    this.#put();
  }

  /** Writes a user's prompt. */
  prompt(text: string): void {
    this.#user({ type: 'text', text });
  }

  /** Requests a compaction, since the window is nearly full. */
  requestCompaction(): void {
    this.#user({ type: 'compaction', auto: true, overflow: false });
  }

  /** Writes the synthetic prompt with which opencode continues after a compaction. */
  continueAfterCompaction(): void {
    const text =
      'Continue if you have next steps, or stop and ask for clarification if you are unsure how to proceed.';
    this.#user({ type: 'text', text, synthetic: true, metadata: { compaction_continue: true } });
  }

  /** Opens an assistant message without parts: the request is sent, the first token is pending. */
  beginStep(agent = this.start.agent): void {
    const { nowMs } = this;
    this.process.log(nowMs, 'loop', { 'session.id': this.id, step: this.#step });
    this.#step++;
    this.process.busyTurns++;
    this.messageCount++;
    this.#part = undefined;
    this.#message = {
      id: this.#context.newId('msg', nowMs),
      messageId: '',
      createdMs: nowMs,
      data: assistantJson({ ...this.start, agent }, this.#userId, nowMs),
    };
    this.#putMessage(this.#message);
    this.process.log(nowMs, 'process', { 'session.id': this.id, messageID: this.#message.id });
    this.requestStream(agent);
  }

  /** Logs a request to the model; a second one for the same message is a retry. */
  requestStream(agent = this.start.agent): void {
    this.process.log(this.nowMs, 'stream', this.#streamFields(agent));
  }

  /** Logs a failed request that opencode will retry. opencode writes nothing to the database. */
  failStream(error: string): void {
    const fields = { ...this.#streamFields(this.start.agent), 'error.error': error };
    this.process.log(this.nowMs, 'stream error', fields, 'ERROR');
  }

  /** Starts a streaming reasoning or text part: its text stays "" until it ends. */
  startText(kind: 'reasoning' | 'text'): void {
    this.#ensureStepStart();
    this.#open({ type: kind, text: '', time: { start: this.nowMs } });
  }

  /** Ends the streaming part with its whole text. */
  endText(text: string): void {
    this.#change((data) => ({ ...data, text, time: { ...object(data.time), end: this.nowMs } }));
  }

  /** Starts a tool call whose arguments are still streaming. */
  callTool(tool: string): void {
    this.#ensureStepStart();
    const callID = `call_${this.#random.text('abcdefghijklmnopqrstuvwxyz0123456789', 24)}`;
    this.#open({ type: 'tool', tool, callID, state: { status: 'pending', input: {}, raw: '' } });
  }

  /** Starts the tool, or its wait for permission: without metadata both give the same row. */
  runTool(input: Json, metadata?: Json): void {
    const time = { start: this.nowMs };
    this.#change((data) => ({
      ...data,
      state: { status: 'running', input, ...(metadata && { metadata }), time },
    }));
  }

  /** Logs a permission request; the log line contains neither the session id nor the call id. */
  ask(permission: string, patterns: readonly string[]): SimulatedAsk {
    const rule = { 'action.permission': permission, 'action.action': 'ask', 'action.pattern': '*' };
    for (const pattern of patterns)
      this.process.log(this.nowMs, 'evaluated', { permission, pattern, ...rule });
    const id = this.#context.newId('per', this.nowMs);
    this.process.log(this.nowMs, 'asking', { id, permission, patterns: JSON.stringify(patterns) });
    const shown = patterns.map((pattern) => sanitize(pattern));
    return {
      sessionId: this.id,
      ask: { id, kind: 'permission', tool: sanitize(permission), patterns: shown, askedAtMs: this.nowMs },
    };
  }

  /** Runs the `question` tool with one question; the user may also answer in own words. */
  question(question: string, header: string, labels: readonly string[]): SimulatedAsk {
    const options = labels.map((label) => ({ label, description: label }));
    this.runTool({ questions: [{ question, header, options }] });
    const id = this.#context.newId('que', this.nowMs);
    this.process.log(this.nowMs, 'asking', { id, questions: 1 });
    const text = sanitize(question);
    const choices = labels.map((label) => ({ label: sanitize(label) }));
    const questions = [{ question: text, options: choices, multiple: false, custom: true }];
    return {
      sessionId: this.id,
      ask: { id, kind: 'question', patterns: [text], askedAtMs: this.nowMs, questions },
    };
  }

  /** Logs the user's answers to a question. */
  answer({ ask }: SimulatedAsk, answers: readonly (readonly string[])[]): void {
    this.process.log(this.nowMs, 'replied', { requestID: ask.id, answers: JSON.stringify(answers) });
  }

  /** Sets the output so far of the running tool. */
  toolOutput(output: string): void {
    this.#change((data) => ({ ...data, state: { ...object(data.state), metadata: { output } } }));
  }

  /** Sets the title and metadata of a running `task`, which name its subagent. */
  showMetadata(title: string, metadata: Json): void {
    this.#change((data) => ({ ...data, state: { ...object(data.state), title, metadata } }));
  }

  /** Completes the running tool; `metadata` is added to the tool's own. */
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

  /** Ends the running tool and with it the turn, since the user refused (opencode.md, "Permission rejected"). */
  refuseTool(error: string): void {
    this.#change((data) => {
      const { input, time } = object(data.state);
      return {
        ...data,
        state: { status: 'error', input, error, time: { ...object(time), end: this.nowMs } },
      };
    });
    this.endStep('tool-calls');
  }

  /** Replaces the todo list. */
  todos(todos: readonly Todo[]): void {
    this.#context.emit({ kind: 'todos', sessionId: this.id, todos, atMs: this.nowMs });
  }

  /** Ends the step. Any finish except `tool-calls` also ends the turn, unless a queued prompt continues the loop. */
  endStep(finish: Finish, loopContinues = finish === 'tool-calls'): void {
    const { tokens, contextTokens } = stepTokens(this.#random, this.start.model, this.contextTokens);
    this.contextTokens = contextTokens;
    const cost = stepCost(this.start.model, tokens);
    const counted = tokensJson(tokens);
    this.#open({ reason: finish, type: 'step-finish', tokens: counted, cost });
    this.#part = undefined;
    this.#cost += cost;
    this.#tokens = addTokens(this.#tokens, tokens);
    if (!loopContinues) this.#updatedMs = this.nowMs;
    this.#put();
    this.#complete({ tokens: counted, cost, finish });
    if (!loopContinues) this.process.log(this.nowMs, 'exiting loop', { 'session.id': this.id });
  }

  /** Simulates the kill of the process: nothing is written, and unfinished rows stay unfinished. */
  leave(): void {
    this.#message = undefined;
    this.#part = undefined;
  }

  /** Aborts the turn, as the escape key does. */
  abort(): void {
    const error = { name: 'MessageAbortedError', data: { message: 'Aborted' } };
    this.process.log(this.nowMs, 'cancel', { 'session.id': this.id });
    this.#complete({ error });
    this.#logFailure('Aborted');
  }

  /** Ends the turn with an error of the model's server that is not retryable. */
  fail(message: string, statusCode: number): void {
    const error = { name: 'APIError', data: { message, statusCode, isRetryable: false } };
    this.#complete({ error });
    this.#logFailure(message);
  }

  /** Replaces the content of the window by a summary. */
  compacted(): void {
    this.contextTokens = this.#random.between(9_000, 16_000);
  }

  #user(part: Json): void {
    const { nowMs } = this;
    // A prompt during a step is queued and handled by the same loop.
    if (this.#message === undefined) this.#step = 0;
    this.messageCount++;
    this.#updatedMs = nowMs;
    this.#userId = this.#context.newId('msg', nowMs);
    const data = userJson(this.start, nowMs);
    this.#putMessage({ id: this.#userId, messageId: '', createdMs: nowMs, data });
    const partId = this.#context.newId('prt', nowMs);
    this.#putPart({ id: partId, messageId: this.#userId, createdMs: nowMs, data: part });
    this.#put();
  }

  #ensureStepStart(): void {
    if (this.#part === undefined) this.#open({ type: 'step-start' });
  }

  #open(data: Json): void {
    if (this.#message === undefined) throw new Error('a part needs a step that has begun');
    const { nowMs } = this;
    const id = this.#context.newId('prt', nowMs);
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
    this.#context.emit({ kind: 'session', row, atMs: this.nowMs });
  }

  #putMessage({ id, createdMs, data }: OpenRow): void {
    this.#context.emit({ kind: 'message', id, sessionId: this.id, createdMs, data, atMs: this.nowMs });
  }

  #putPart({ id, messageId, createdMs, data }: OpenRow): void {
    this.#context.emit({
      kind: 'part',
      id,
      messageId,
      sessionId: this.id,
      createdMs,
      data,
      atMs: this.nowMs,
    });
  }
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
