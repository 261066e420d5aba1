import type { Elsewhere, Row, Subagent } from '../../domain/board/board.ts';
import { confidences, evidenceKinds, type Match } from '../../domain/evidence/match.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { attachCommand } from '../../domain/process/commands.ts';
import { type OpencodeProcess, processKinds, type TmuxPane } from '../../domain/process/process.ts';
import type { ModelRef, Session, TodoCount, TokenCount, UserMessage } from '../../domain/session/session.ts';
import { type SessionState, stateNames } from '../../domain/session/state.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import {
  asArray,
  asCount,
  asDisplay,
  asNumber,
  asObject,
  asObjects,
  asSessionId,
  asText,
  asTime,
  type JsonObject,
} from '../json.ts';

/** Who told it, and when by its own clock. */
export interface Teller {
  readonly host: DisplayText;
  readonly by: Elsewhere['by'];
  readonly atMs: number;
}

const mostMinutes = 120;
const mostChildren = 100;
const mebibyte = 2 ** 20;

/**
 * An entry of `otop sessions` of another machine as a row, with its times by that machine's clock; `sessions.schema.json`
 * describes it. A field of another type than it should be is unknown; without a key, a state, or either a process or a
 * session there is no row.
 */
export function rowOfEntry(entry: JsonObject, { host, by, atMs }: Teller): Row | undefined {
  const key = asDisplay(entry.key);
  const told = asObject(entry.session);
  const session = told && sessionOf(told, atMs);
  const process = processOf(entry, atMs);
  const state = stateOf(told ?? entry);
  if (key === undefined || state === undefined || (session === undefined && process === undefined)) {
    return undefined;
  }
  if (told !== undefined && session === undefined) return undefined;
  return omitUndefined({
    key: `${host} ${key}`,
    host,
    elsewhere: omitUndefined({ by, attach: attachOf(entry) }),
    process,
    match: process && session && matchOf(asObject(entry.match), process.pid, session.id),
    session,
    state,
    unwatched: entry.unwatched === true ? true : undefined,
    context: contextOf(asObject(told?.context)),
    cost: told && omitUndefined({ own: asNumber(told.cost), total: asNumber(told.cost_total) }),
    children: asObjects(told?.children).slice(0, mostChildren).flatMap(childOf),
    tokensPerMinute: minutesOf(told?.tokens_per_minute),
  });
}

/** What a sign of life says of a row: its use of the machine, which is no news. */
export function refreshedRow(row: Row, entry: JsonObject, atMs: number): Row {
  const fresh = usageOf(entry, atMs);
  const tokensPerMinute = minutesOf(entry.tokens_per_minute);
  return {
    ...row,
    ...(row.process && { process: { ...row.process, ...fresh } }),
    ...(tokensPerMinute && { tokensPerMinute }),
  };
}

function usageOf(entry: JsonObject, atMs: number) {
  const megabytes = asNumber(entry.mem_mb);
  return omitUndefined({
    startedAtMs: before(atMs, entry.uptime_ms),
    cpuPercent: asNumber(entry.cpu_percent),
    rssBytes: megabytes === undefined ? undefined : Math.round(megabytes * mebibyte),
  });
}

function processOf(entry: JsonObject, atMs: number): OpencodeProcess | undefined {
  const pid = asCount(entry.pid);
  const kind = processKinds.find((each) => each === entry.kind);
  if (pid === undefined || kind === undefined) return undefined;
  return {
    ...omitUndefined({
      pid,
      kind,
      cwdText: asDisplay(entry.cwd),
      tty: asDisplay(entry.tty),
      pane: paneOf(entry),
    }),
    ...usageOf(entry, atMs),
    orphan: entry.orphan === true,
    args: [],
    databases: [],
    logs: [],
    ports: [],
    children: [],
    missing: [],
  };
}

/** Its own tmux is named, which is another than the one at the same path here. */
function attachOf(entry: JsonObject): string | undefined {
  const tmux = asObject(entry.tmux);
  const [target, socketPath, paneId] = [entry.tmux_pane, tmux?.socket, tmux?.pane_id].map(asDisplay);
  return target && socketPath && paneId ? attachCommand({ socketPath, paneId, target }) : undefined;
}

/** Its socket would lead to another tmux here. */
function paneOf(entry: JsonObject): TmuxPane | undefined {
  const target = asDisplay(entry.tmux_pane);
  if (target === undefined) return undefined;
  const tmux = asObject(entry.tmux);
  return {
    socketPath: '',
    paneId: '',
    target,
    windowName: asDisplay(tmux?.window) ?? sanitize(''),
    title: sanitize(''),
    active: tmux?.in_front === true,
  };
}

function matchOf(match: JsonObject | undefined, pid: number, sessionId: string): Match | undefined {
  const evidence = evidenceKinds.find((each) => each === match?.evidence);
  const confidence = confidences.find((each) => each === match?.confidence);
  if (evidence === undefined || confidence === undefined) return undefined;
  return { pid, sessionId, evidence, confidence, why: asDisplay(match?.why) ?? sanitize(''), pieces: [] };
}

function stateOf(told: JsonObject): SessionState | undefined {
  const name = stateNames.find((each) => each === told.status);
  if (name === undefined) return undefined;
  const raisedFrom = asSessionId(told.raised_from);
  return omitUndefined({
    name,
    askingFor: (['permission', 'question'] as const).find((each) => each === told.asking_for),
    detail: asDisplay(told.detail),
    tool: asDisplay(told.tool),
    sinceMs: asTime(told.since_ms),
    needsYou: told.needs_you === true,
    unread: told.unread === true,
    raisedFrom: raisedFrom === undefined ? undefined : { sessionId: raisedFrom },
    rule: asDisplay(told.status_rule) ?? 'as its host says',
  });
}

function sessionOf(told: JsonObject, atMs: number): Session | undefined {
  const id = asSessionId(told.id);
  if (id === undefined) return undefined;
  return omitUndefined({
    id,
    databasePath: '',
    parentId: asSessionId(told.parent_id),
    title: asDisplay(told.title),
    directory: asDisplay(told.directory),
    version: asDisplay(told.version),
    agent: asDisplay(told.agent),
    model: modelOf(told.model),
    createdAtMs: asTime(told.created_at_ms),
    activeAtMs: asTime(told.active_at_ms),
    interactive: told.interactive !== false,
    reverted: false,
    messageCount: asCount(told.message_count),
    lastPrompt: promptOf(told, atMs),
    lastOutput: asDisplay(told.last_output),
    contextTokens: asNumber(asObject(told.context)?.used),
    tokens: tokensOf(told.tokens),
    cost: asNumber(told.cost),
    todos: todosOf(told.todos),
  });
}

function childOf(told: JsonObject): Subagent[] {
  const session = sessionOf(told, 0);
  const state = stateOf(told);
  if (session === undefined || state === undefined) return [];
  return [{ session, state, depth: Math.min(20, Math.max(1, asCount(told.depth) ?? 1)) }];
}

function promptOf({ last_prompt, round_ms }: JsonObject, atMs: number): UserMessage | undefined {
  const text = asDisplay(last_prompt);
  const createdAtMs = before(atMs, round_ms);
  if (text === undefined && createdAtMs === undefined) return undefined;
  return omitUndefined({ id: '', kind: 'prompt', text, createdAtMs });
}

function modelOf(model: unknown): ModelRef | undefined {
  const [provider, ...name] = (asText(model) ?? '').split('/');
  const providerId = asDisplay(provider);
  const modelId = asDisplay(name.join('/'));
  return providerId && modelId ? { providerId, modelId } : undefined;
}

function contextOf(context: JsonObject | undefined) {
  return omitUndefined({
    usedTokens: asNumber(context?.used),
    limitTokens: asNumber(context?.limit),
    percent: asNumber(context?.percent),
  });
}

/** A count of tokens as `otop sessions` writes it; undefined where it is none. */
export function tokensOf(value: unknown): TokenCount | undefined {
  const tokens = asObject(value);
  if (tokens === undefined) return undefined;
  const { input, output, reasoning, cache_read, cache_write } = tokens;
  const count = (figure: unknown) => asNumber(figure) ?? 0;
  return {
    input: count(input),
    output: count(output),
    reasoning: count(reasoning),
    cacheRead: count(cache_read),
    cacheWrite: count(cache_write),
  };
}

function todosOf(value: unknown): TodoCount | undefined {
  const todos = asObject(value);
  const total = asCount(todos?.total);
  const done = asCount(todos?.done);
  return total === undefined || done === undefined ? undefined : { total, done };
}

/** Tokens a minute, as many as are shown; undefined where there are none, or one is no number. */
export function minutesOf(value: unknown): readonly number[] | undefined {
  const minutes = asArray(value).map(asNumber);
  const known = minutes.filter((each) => each !== undefined).slice(-mostMinutes);
  return known.length > 0 && known.length === Math.min(minutes.length, mostMinutes) ? known : undefined;
}

function before(atMs: number, durationMs: unknown): number | undefined {
  const duration = asNumber(durationMs);
  return duration === undefined ? undefined : atMs - duration;
}
