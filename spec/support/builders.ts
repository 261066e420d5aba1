import type { LogAsk, LogFacts, LogStream } from '../../lib/domain/evidence/log-facts.ts';
import type { Match } from '../../lib/domain/evidence/match.ts';
import type { ChildProcess, OpencodeProcess, TmuxPane } from '../../lib/domain/process/process.ts';
import type {
  AssistantMessage,
  ModelRef,
  Part,
  Session,
  TokenCount,
  ToolCall,
  UserMessage,
} from '../../lib/domain/session/session.ts';
import { type DisplayText, sanitize } from '../../lib/text/sanitize.ts';

/**
 * Small builders of domain values. Each returns a complete, ordinary value (an idle session of 1.18.33, a TUI that has run
 * for ten minutes), and a spec overrides only the fields that it tests.
 */

/** The current time in specs; all other times are relative to it. */
export const nowMs = Date.UTC(2026, 10, 22, 14, 30, 0);

/** Returns the time `seconds` before `nowMs`. */
export function ago(seconds: number): number {
  return nowMs - Math.round(seconds * 1000);
}

/** Returns sanitised text, as sources do. */
export function text(raw: string): DisplayText {
  return sanitize(raw);
}

export const model: ModelRef = { providerId: text('anthropic'), modelId: text('claude-opus-4-6') };

/** Returns token counts; absent ones are zero. */
export function tokens(some: Partial<TokenCount> = {}): TokenCount {
  return { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0, ...some };
}

/** A prompt, typed a minute ago. */
export function prompt(some: Partial<UserMessage> = {}): UserMessage {
  return { id: 'msg_100', createdAtMs: ago(60), kind: 'prompt', text: text('do it'), ...some };
}

/** An assistant message that began a minute ago and is not finished, without parts. */
export function assistant(some: Partial<AssistantMessage> = {}): AssistantMessage {
  const createdAtMs = some.createdAtMs ?? ago(59);
  return {
    id: 'msg_200',
    createdAtMs,
    updatedAtMs: some.completedAtMs ?? createdAtMs,
    agent: text('build'),
    model,
    isSummary: false,
    parts: [],
    ...some,
  };
}

/** An assistant message that ended its turn, `secondsAgo`. */
export function finished(secondsAgo: number, some: Partial<AssistantMessage> = {}): AssistantMessage {
  return assistant({ completedAtMs: ago(secondsAgo), finish: text('stop'), ...some });
}

/** A running bash call with metadata (so: approved or allowed), started ten seconds ago. */
function toolCall(some: Partial<ToolCall> = {}): ToolCall {
  return {
    partId: 'prt_300',
    callId: 'call_1',
    tool: text('bash'),
    status: 'running',
    startedAtMs: ago(10),
    updatedAtMs: some.startedAtMs ?? ago(10),
    hasMetadata: true,
    subject: text('npm test'),
    ...some,
  };
}

/** `toolCall()` as a part. */
export function toolPart(some: Partial<ToolCall> = {}): Part {
  return { kind: 'tool', call: toolCall(some) };
}

/** Returns a text part that streams since `startedSecondsAgo`, or that ended `endedSecondsAgo`. */
export function textPart(startedSecondsAgo: number, endedSecondsAgo?: number): Part {
  return streamed('text', startedSecondsAgo, endedSecondsAgo);
}

/** A reasoning part, like `textPart`. */
export function reasoningPart(startedSecondsAgo: number, endedSecondsAgo?: number): Part {
  return streamed('reasoning', startedSecondsAgo, endedSecondsAgo);
}

function streamed(kind: 'text' | 'reasoning', startedSecondsAgo: number, endedSecondsAgo?: number): Part {
  const startedAtMs = ago(startedSecondsAgo);
  return endedSecondsAgo === undefined
    ? { kind, startedAtMs, updatedAtMs: startedAtMs, hasText: false }
    : {
        kind,
        startedAtMs,
        endedAtMs: ago(endedSecondsAgo),
        updatedAtMs: ago(endedSecondsAgo),
        hasText: true,
      };
}

/** The first part of each step. */
export const stepStart: Part = { kind: 'step-start' };

/** A session of 1.18.33 whose turn ended half a minute ago. */
export function session(some: Partial<Session> = {}): Session {
  return {
    id: 'ses_a',
    databasePath: '/home/u/.local/share/opencode/opencode.db',
    title: text('Refactor the api client'),
    directory: text('/home/u/projA'),
    directoryPath: '/home/u/projA',
    version: text('1.18.33'),
    agent: text('build'),
    model,
    createdAtMs: ago(300),
    updatedAtMs: ago(30),
    activeAtMs: ago(30),
    interactive: true,
    reverted: false,
    messageCount: 2,
    lastPrompt: prompt(),
    newestUser: prompt(),
    newestAssistant: finished(30),
    ...some,
  };
}

/** Returns a working session whose newest assistant message has `parts` and is not finished. */
export function working(parts: readonly Part[], some: Partial<AssistantMessage> = {}): Session {
  return session({ newestAssistant: assistant({ ...some, parts }) });
}

/** A TUI that has run for ten minutes, on a terminal, without children. */
export function process(some: Partial<OpencodeProcess> = {}): OpencodeProcess {
  return {
    pid: 2878,
    parentPid: 900,
    kind: 'tui',
    args: [],
    startedAtMs: ago(600),
    cwd: '/home/u/projA',
    cwdText: text('/home/u/projA'),
    tty: text('pts/0'),
    orphan: false,
    cpuPercent: 4.1,
    rssBytes: 812 * 1024 * 1024,
    databases: ['/home/u/.local/share/opencode/opencode.db'],
    logs: [],
    ports: [],
    children: [],
    missing: [],
    ...some,
  };
}

/** A child of a process, started `secondsAgo`. */
export function child(secondsAgo: number, command = 'npm test', pid = 3000): ChildProcess {
  return { pid, startedAtMs: ago(secondsAgo), command: text(command) };
}

/** A pane of the default tmux server, not shown by any client. */
export function pane(some: Partial<TmuxPane> = {}): TmuxPane {
  return {
    socketPath: '/tmp/tmux-0/default',
    paneId: '%1',
    target: text('work:2.1'),
    windowName: text('work'),
    title: text('OC | Refactor the api client'),
    active: false,
    ...some,
  };
}

/** Returns a permission ask from `secondsAgo` without a known answer. */
export function ask(secondsAgo: number, some: Partial<LogAsk> = {}): LogAsk {
  return {
    id: 'per_1',
    kind: 'permission',
    permission: 'bash',
    patterns: [text('npm test')],
    atMs: ago(secondsAgo),
    ...some,
  };
}

/** Returns the last model request of `ses_a`, `secondsAgo`: a first attempt. */
export function stream(secondsAgo: number, some: Partial<LogStream> = {}): LogStream {
  return { sessionId: 'ses_a', atMs: ago(secondsAgo), agent: text('build'), attempts: 1, ...some };
}

/** Returns the log facts of a process of 1.17 or newer whose log is still empty. */
export function logFacts(some: Partial<LogFacts> = {}): LogFacts {
  return {
    pid: 2878,
    run: '4d501bd1',
    exact: true,
    sessions: [],
    asks: [],
    streams: [],
    loopEndedAtMs: new Map(),
    lastLineAtMs: ago(1),
    ...some,
  };
}

/** Returns a certain match by the log. */
export function match(pid = 2878, sessionId = 'ses_a', some: Partial<Match> = {}): Match {
  return {
    pid,
    sessionId,
    confidence: 'certain',
    evidence: 'log',
    why: text('its log names the session'),
    pieces: [],
    ...some,
  };
}
