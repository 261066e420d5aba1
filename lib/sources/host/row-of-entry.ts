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
type SessionReading = Reading<typeof sessionSchema>;

/** The machine that sent an entry, and the time of the entry by that machine's clock. */
export interface RemoteSource {
  readonly host: DisplayText;
  readonly by: Elsewhere['by'];
  readonly atMs: number;
}

const mebibyte = 2 ** 20;

/**
 * Turns an entry of `otop sessions` of another machine into a row, with times by that machine's clock. A field of a wrong
 * type counts as unknown. Returns undefined without a key, without a state, or without both a process and a session.
 */
export function rowOfEntry(json: JsonObject, { host, by, atMs }: RemoteSource): Row | undefined {
  const entry = readJson(entrySchema, json) ?? {};
  const key = asDisplay(entry.key);
  const reported = entry.session;
  const session = reported && sessionOf(reported, atMs);
  const process = processOf(entry, atMs);
  const state = stateOf(reported ?? entry);
  if (key === undefined || state === undefined || (session === undefined && process === undefined)) {
    return undefined;
  }
  if (reported !== undefined && session === undefined) return undefined;
  return omitUndefined({
    key: `${host} ${key}`,
    host,
    elsewhere: omitUndefined({ by, attach: attachOf(entry) }),
    process,
    match: process && session && matchOf(entry.match, process.pid, session.id),
    session,
    state,
    unwatched: entry.unwatched === true ? true : undefined,
    viewerPids: entry.viewer_pids?.length === 0 ? undefined : entry.viewer_pids,
    context: contextOf(reported?.context),
    cost: reported && omitUndefined({ own: reported.cost, total: reported.cost_total }),
    children: reported?.children?.flatMap(childOf) ?? [],
    tokensPerMinute: reported?.tokens_per_minute,
  });
}

/** Returns a row with the CPU, memory, uptime and token rate of an `alive` event. */
export function refreshedRow(row: Row, json: JsonObject, atMs: number): Row {
  const reported = readJson(aliveRow, json) ?? {};
  const fresh = usageOf(reported, atMs);
  const tokensPerMinute = reported.tokens_per_minute;
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

/** The socket path is valid on the other machine only, so the command must run there. */
function attachOf({ tmux, tmux_pane: target }: Entry): string | undefined {
  const [socketPath, paneId] = [tmux?.socket, tmux?.pane_id].map(asDisplay);
  return target && socketPath && paneId ? attachCommand({ socketPath, paneId, target }) : undefined;
}

/** The pane has no socket path, because on this machine the path leads to another tmux. */
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

function stateOf(reported: SessionReading): SessionState | undefined {
  const name = reported.status;
  if (name === undefined) return undefined;
  return omitUndefined({
    name,
    askingFor: reported.asking_for,
    detail: reported.detail,
    tool: reported.tool,
    sinceMs: reported.since_ms,
    needsYou: reported.needs_you === true,
    unread: reported.unread === true,
    raisedFrom: reported.raised_from === undefined ? undefined : { sessionId: reported.raised_from },
    rule: asDisplay(reported.status_rule) ?? 'as its host says',
  });
}

function sessionOf(reported: SessionReading, atMs: number): Session | undefined {
  const { id } = reported;
  if (id === undefined) return undefined;
  return omitUndefined({
    id,
    databasePath: '',
    parentId: reported.parent_id,
    title: reported.title,
    directory: reported.directory,
    version: reported.version,
    agent: reported.agent,
    model: modelOf(reported.model),
    createdAtMs: reported.created_at_ms,
    activeAtMs: reported.active_at_ms,
    interactive: reported.interactive !== false,
    reverted: false,
    messageCount: reported.message_count,
    lastPrompt: promptOf(reported, atMs),
    lastOutput: reported.last_output,
    contextTokens: reported.context?.used,
    tokens: tokensOf(reported.tokens),
    cost: reported.cost,
    todos: todosOf(reported.todos),
  });
}

function childOf(reported: NonNullable<SessionReading['children']>[number]): Subagent[] {
  const session = sessionOf(reported, 0);
  const state = stateOf(reported);
  if (session === undefined || state === undefined) return [];
  return [{ session, state, depth: Math.min(20, Math.max(1, reported.depth ?? 1)) }];
}

function promptOf({ last_prompt: text, round_ms }: SessionReading, atMs: number): UserMessage | undefined {
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

function contextOf({ used, limit, percent }: SessionReading['context'] = {}) {
  return omitUndefined({ usedTokens: used, limitTokens: limit, percent });
}

/** Converts tokens into the domain type. A missing count is 0. */
export function tokensOf(reported: Reading<typeof tokensSchema> | undefined): TokenCount | undefined {
  if (reported === undefined) return undefined;
  const { input = 0, output = 0, reasoning = 0, cache_read = 0, cache_write = 0 } = reported;
  return { input, output, reasoning, cacheRead: cache_read, cacheWrite: cache_write };
}

function todosOf({ total, done }: SessionReading['todos'] = {}): TodoCount | undefined {
  return total === undefined || done === undefined ? undefined : { total, done };
}

function before(atMs: number, durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : atMs - durationMs;
}
