import type { Elsewhere, Row, Subagent } from '../../domain/board/board.ts';
import type { Match } from '../../domain/evidence/match.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { attachCommand } from '../../domain/process/commands.ts';
import type { OpencodeProcess, TmuxPane } from '../../domain/process/process.ts';
import { aliveRow } from '../../domain/schema/events.ts';
import { entrySchema, type sessionSchema, type tokensSchema } from '../../domain/schema/sessions.ts';
import type { ModelRef, Session, TodoCount, TokenCount, UserMessage } from '../../domain/session/session.ts';
import type { SessionState } from '../../domain/session/state.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { asDisplay, type JsonObject } from '../json.ts';
import { type Reading, readJson } from '../read-json.ts';

type Entry = Reading<typeof entrySchema>;
type ToldSession = Reading<typeof sessionSchema>;

/** The machine that sent an entry, and the time of the entry by that machine's clock. */
export interface RemoteSource {
  readonly host: DisplayText;
  readonly by: Elsewhere['by'];
  readonly atMs: number;
}

const mebibyte = 2 ** 20;

/**
 * An entry of `otop sessions` of another machine as a row, with its times by that machine's clock. A field of another
 * type than its schema's is unknown; without a key, a state, or either a process or a session there is no row.
 */
export function rowOfEntry(json: JsonObject, { host, by, atMs }: RemoteSource): Row | undefined {
  const entry = readJson(entrySchema, json) ?? {};
  const key = asDisplay(entry.key);
  const told = entry.session;
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
    match: process && session && matchOf(entry.match, process.pid, session.id),
    session,
    state,
    unwatched: entry.unwatched === true ? true : undefined,
    context: contextOf(told?.context),
    cost: told && omitUndefined({ own: told.cost, total: told.cost_total }),
    children: told?.children?.flatMap(childOf) ?? [],
    tokensPerMinute: told?.tokens_per_minute,
  });
}

/** What a sign of life says of a row: its use of the machine, which is no news. */
export function refreshedRow(row: Row, json: JsonObject, atMs: number): Row {
  const told = readJson(aliveRow, json) ?? {};
  const fresh = usageOf(told, atMs);
  const tokensPerMinute = told.tokens_per_minute;
  return {
    ...row,
    ...(row.process && { process: { ...row.process, ...fresh } }),
    ...(tokensPerMinute && { tokensPerMinute }),
  };
}

function usageOf({ mem_mb, uptime_ms, cpu_percent }: Reading<typeof aliveRow>, atMs: number) {
  return omitUndefined({
    startedAtMs: before(atMs, uptime_ms),
    cpuPercent: cpu_percent,
    rssBytes: mem_mb === undefined ? undefined : Math.round(mem_mb * mebibyte),
  });
}

function processOf(entry: Entry, atMs: number): OpencodeProcess | undefined {
  const { pid, kind } = entry;
  if (pid === undefined || kind === undefined) return undefined;
  return {
    ...omitUndefined({
      pid,
      kind,
      cwdText: entry.cwd,
      tty: entry.tty,
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
function attachOf({ tmux, tmux_pane: target }: Entry): string | undefined {
  const [socketPath, paneId] = [tmux?.socket, tmux?.pane_id].map(asDisplay);
  return target && socketPath && paneId ? attachCommand({ socketPath, paneId, target }) : undefined;
}

/** Its socket would lead to another tmux here. */
function paneOf({ tmux, tmux_pane: target }: Entry): TmuxPane | undefined {
  if (target === undefined) return undefined;
  return {
    socketPath: '',
    paneId: '',
    target,
    windowName: tmux?.window ?? sanitize(''),
    title: sanitize(''),
    active: tmux?.in_front === true,
  };
}

function matchOf(match: Entry['match'], pid: number, sessionId: string): Match | undefined {
  const { evidence, confidence, why = sanitize('') } = match ?? {};
  if (evidence === undefined || confidence === undefined) return undefined;
  return { pid, sessionId, evidence, confidence, why, pieces: [] };
}

function stateOf(told: ToldSession): SessionState | undefined {
  const name = told.status;
  if (name === undefined) return undefined;
  return omitUndefined({
    name,
    askingFor: told.asking_for,
    detail: told.detail,
    tool: told.tool,
    sinceMs: told.since_ms,
    needsYou: told.needs_you === true,
    unread: told.unread === true,
    raisedFrom: told.raised_from === undefined ? undefined : { sessionId: told.raised_from },
    rule: asDisplay(told.status_rule) ?? 'as its host says',
  });
}

function sessionOf(told: ToldSession, atMs: number): Session | undefined {
  const { id } = told;
  if (id === undefined) return undefined;
  return omitUndefined({
    id,
    databasePath: '',
    parentId: told.parent_id,
    title: told.title,
    directory: told.directory,
    version: told.version,
    agent: told.agent,
    model: modelOf(told.model),
    createdAtMs: told.created_at_ms,
    activeAtMs: told.active_at_ms,
    interactive: told.interactive !== false,
    reverted: false,
    messageCount: told.message_count,
    lastPrompt: promptOf(told, atMs),
    lastOutput: told.last_output,
    contextTokens: told.context?.used,
    tokens: tokensOf(told.tokens),
    cost: told.cost,
    todos: todosOf(told.todos),
  });
}

function childOf(told: NonNullable<ToldSession['children']>[number]): Subagent[] {
  const session = sessionOf(told, 0);
  const state = stateOf(told);
  if (session === undefined || state === undefined) return [];
  return [{ session, state, depth: Math.min(20, Math.max(1, told.depth ?? 1)) }];
}

function promptOf({ last_prompt: text, round_ms }: ToldSession, atMs: number): UserMessage | undefined {
  const createdAtMs = before(atMs, round_ms);
  if (text === undefined && createdAtMs === undefined) return undefined;
  return omitUndefined({ id: '', kind: 'prompt', text, createdAtMs });
}

function modelOf(model = ''): ModelRef | undefined {
  const [provider, ...name] = model.split('/');
  const providerId = asDisplay(provider);
  const modelId = asDisplay(name.join('/'));
  return providerId && modelId ? { providerId, modelId } : undefined;
}

function contextOf({ used, limit, percent }: ToldSession['context'] = {}) {
  return omitUndefined({ usedTokens: used, limitTokens: limit, percent });
}

/** Tokens as a domain type. A count that is not told is 0. */
export function tokensOf(told: Reading<typeof tokensSchema> | undefined): TokenCount | undefined {
  if (told === undefined) return undefined;
  const { input = 0, output = 0, reasoning = 0, cache_read = 0, cache_write = 0 } = told;
  return { input, output, reasoning, cacheRead: cache_read, cacheWrite: cache_write };
}

function todosOf({ total, done }: ToldSession['todos'] = {}): TodoCount | undefined {
  return total === undefined || done === undefined ? undefined : { total, done };
}

function before(atMs: number, durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : atMs - durationMs;
}
