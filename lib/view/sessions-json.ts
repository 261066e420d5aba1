import type { Board, Row, Subagent } from '../domain/board/board.ts';
import type { OpencodeProcess, TmuxPane } from '../domain/process/process.ts';
import {
  type ChildEntry,
  type PaneEntry,
  type ProcessFields,
  type SessionEntry,
  type StateFields,
  sessionsSchemaVersion,
  type TokensEntry,
} from '../domain/schema/sessions.ts';
import type { Session, TokenCount } from '../domain/session/session.ts';
import type { SessionState } from '../domain/session/state.ts';

/** Encodes the Board as the array that `otop sessions` prints, a superset of the Go otop's. */
export function sessionsJson(board: Board): SessionEntry[] {
  return board.rows.map((row) => sessionEntry(row, board.atMs));
}

/** Encodes a row as an entry of `otop sessions`. `atMs` is the time of its Board. */
export function sessionEntry(row: Row, atMs: number): SessionEntry {
  const { process, match, session } = row;
  return {
    schema_version: sessionsSchemaVersion,
    key: row.key,
    host: row.host,
    ...processEntry(process, atMs),
    status: row.state.name,
    unwatched: process ? row.unwatched === true : null,
    viewer_pids: [...(row.viewerPids ?? [])],
    match: match ? { evidence: match.evidence, confidence: match.confidence, why: match.why } : null,
    session: session ? sessionOf(row, session, atMs) : null,
  };
}

function processEntry(process: OpencodeProcess | undefined, atMs: number): ProcessFields {
  return {
    pid: process?.pid ?? null,
    tty: process?.tty ?? null,
    cwd: process?.cwdText ?? null,
    cpu_percent: rounded(process?.cpuPercent),
    mem_mb: rounded(process?.rssBytes === undefined ? undefined : process.rssBytes / 2 ** 20),
    is_tool_process: process === undefined ? null : process.startedByPid !== undefined,
    tmux_pane: process?.pane?.target ?? null,
    tmux: tmuxEntry(process?.pane),
    uptime_ms: elapsed(process?.startedAtMs, atMs),
    kind: process?.kind ?? null,
    orphan: process?.orphan ?? null,
  };
}

function tmuxEntry(pane: TmuxPane | undefined): PaneEntry | null {
  if (pane === undefined) return null;
  const { socketPath, paneId, windowName, active } = pane;
  return { socket: socketPath || null, pane_id: paneId || null, window: windowName, in_front: active };
}

function sessionOf(row: Row, session: Session, atMs: number): SessionEntry['session'] {
  const { state, context, cost, children, tokensPerMinute } = row;
  const { model, lastPrompt } = session;
  return {
    id: session.id,
    title: session.title ?? null,
    directory: session.directory ?? null,
    model: model ? `${model.providerId}/${model.modelId}` : null,
    agent: session.agent ?? null,
    ...stateEntry(state),
    unread: state.unread,
    message_count: session.messageCount ?? null,
    interactive: session.interactive,
    parent_id: session.parentId ?? null,
    created_at_ms: session.createdAtMs ?? null,
    active_at_ms: session.activeAtMs ?? null,
    last_prompt: lastPrompt?.text ?? null,
    last_output: session.lastOutput ?? null,
    round_ms: elapsed(lastPrompt?.createdAtMs, atMs),
    tokens: session.tokens ? tokensEntry(session.tokens) : null,
    tokens_per_minute: tokensPerMinute?.map(Math.round) ?? null,
    context: {
      used: context.usedTokens ?? null,
      limit: context.limitTokens ?? null,
      percent: rounded(context.percent),
    },
    cost: cost?.own ?? null,
    cost_total: cost?.total ?? null,
    children: children.map(childEntry),
    todos: session.todos ? { total: session.todos.total, done: session.todos.done } : null,
    version: session.version ?? null,
  };
}

function childEntry({ session, state, depth }: Subagent): ChildEntry {
  return {
    id: session.id,
    title: session.title ?? null,
    agent: session.agent ?? null,
    parent_id: session.parentId ?? null,
    depth,
    ...stateEntry(state),
    tokens: session.tokens ? tokensEntry(session.tokens) : null,
  };
}

function stateEntry(state: SessionState): StateFields {
  return {
    status: state.name,
    asking_for: state.askingFor ?? null,
    needs_you: state.needsYou,
    since_ms: state.sinceMs ?? null,
    tool: state.tool ?? null,
    detail: state.detail ?? null,
    raised_from: state.raisedFrom?.sessionId ?? null,
    status_rule: state.rule,
  };
}

/** Encodes the tokens of one session, or a sum of several. */
export function tokensEntry(tokens: TokenCount): TokensEntry {
  const { input, output, reasoning, cacheRead, cacheWrite } = tokens;
  return { input, output, reasoning, cache_read: cacheRead, cache_write: cacheWrite };
}

function elapsed(sinceMs: number | undefined, atMs: number): number | null {
  return sinceMs === undefined ? null : Math.max(0, Math.round(atMs - sinceMs));
}

/** Rounds to one decimal. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
