import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Match } from '../evidence/match.ts';
import type { Viewing } from '../evidence/rules/viewing.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { isServer, type OpencodeProcess } from '../process/process.ts';
import { hasOwnTui, isRacing, isService, isUnwatched, viewersIn } from '../process/viewers.ts';
import type { ModelLookup } from '../session/model-facts.ts';
import type { ReportedStatus } from '../session/reported-status.ts';
import { isChildOf, openCalls } from '../session/rules/asks.ts';
import { isOfTwo, type Session } from '../session/session.ts';
import { type SessionState, type StateName, stateNames } from '../session/state.ts';
import { processState } from '../session/status.ts';
import { sumOfMinutes } from '../session/tokens.ts';
import type { Board, HostStatus, Row, Trouble } from './board.ts';
import { childrenByParent, isOpenRoot } from './family.ts';
import type { TokenHistory } from './history.ts';
import { isAtRest, isOfInterest, judgedSession, type SessionEvidence } from './judged-session.ts';
import type { Readings, ReportReading } from './readings.ts';

/** The input of `buildBoard`. */
export interface BoardInput {
  readonly readings: Readings;
  /** Of one process, the visible session comes first. */
  readonly matches: readonly Match[];
  /** The sessions that viewers show, by the viewer's pid. */
  readonly views?: ReadonlyMap<number, Pick<Viewing, 'sessionId'>>;
  /** When the user last viewed each session. */
  readonly viewedAtMs: ReadonlyMap<string, number>;
  /** The time for all sessions not in `viewedAtMs`; without it these are never unread. */
  readonly viewedBaselineMs?: number | undefined;
  readonly lookup: ModelLookup;
  readonly history: TokenHistory;
  readonly host: DisplayText;
  /** The id of this machine. */
  readonly machineId: string;
  /** Adds sessions without a process (`--all`). */
  readonly includeIdle: boolean;
  /** Adds processes that opencode's own shell tool started. */
  readonly includeTools: boolean;
  readonly demo: boolean;
  /** The troubles of sources outside the readings: models, configuration. */
  readonly troubles?: readonly Trouble[];
}

/**
 * Merges all readings to the Board of one instant. The rows:
 * - each process, also a viewer (`attach`), has one row, with its visible session if it has one
 * - a viewer whose session is known has the row of that session, and lends it its pane and terminal
 * - each other session of a process has its own row while it works, needs the user or ended unread: all sessions of a
 *   server, and those that a TUI runs in the background
 * - a server without such a session has one row without a session, but not a service that may end at once
 * - the row of the root holds the subagents; `includeIdle` adds rows for sessions without a process
 * - rows of other hosts follow, as the hosts judged them
 * No session has two rows: a local process comes first, then another host, then a database without a process.
 */
export function buildBoard(input: BoardInput): Board {
  const { readings, history } = input;
  const rows = distinct([
    ...processRows(input),
    ...(readings.hosts ?? []).flatMap((reading) => reading.rows),
    ...(input.includeIdle ? rowsWithoutProcess(input) : []),
  ]);
  const { today, allTime, totalsProgress } = readings.sessions ?? {};
  const processes = readings.processes?.processes ?? [];
  const troubles = mergedTroubles(input);
  const lookedFor = troubles.flatMap((trouble) => trouble.lookedFor ?? []);
  const isNothing = lookedFor.length > 0 && processes.length === 0;
  // Another machine or server needs no database here.
  const mayBeAbsent = isNothing || (readings.hosts ?? []).length > 0;
  return omitUndefined({
    atMs: readings.nowMs,
    rows,
    processes,
    ...countsOf(rows),
    today,
    allTime,
    totalsProgress,
    tokensPerMinute: history.ofAll(readings.nowMs),
    troubles: troubles.filter((trouble) => !mayBeAbsent || trouble.lookedFor === undefined),
    lookedFor: isNothing ? lookedFor : undefined,
    hosts: withOwnFigures(
      (readings.hosts ?? []).map(({ host: status }) => status),
      input.machineId,
    ),
    demo: input.demo,
  });
}

/** Drops the figures of this machine and of a second name of the same machine, so that the sums count each once. */
function withOwnFigures(hosts: readonly HostStatus[], ownId: string): readonly HostStatus[] {
  const counted = new Set<string>([ownId]);
  return hosts.map((status) => {
    const { figures, machineId, ...rest } = status;
    if (figures === undefined || machineId === undefined) return rest;
    const isNew = !counted.has(machineId);
    counted.add(machineId);
    return isNew ? status : rest;
  });
}

/** The first row of each session, and every row without one. */
function distinct(rows: readonly Row[]): Row[] {
  const taken = new Set<string>();
  return rows.filter(({ session }) => {
    if (session === undefined) return true;
    const isFirst = !taken.has(session.id);
    taken.add(session.id);
    return isFirst;
  });
}

function processRows(input: BoardInput): Row[] {
  const { readings, matches, includeTools, includeIdle, views } = input;
  const makeRow = rowMaker(input);
  const hostOf = hostFinder(input);
  const all = readings.processes?.processes ?? [];
  const viewers = viewersIn(all);
  const taken = new Set<string>();
  const byPid = matchesByPid(matches);
  const rows = all.flatMap((listed) => {
    const process = withReports(listed, readings);
    if (process.startedByPid !== undefined && !includeTools) return [];
    const viewed = readings.sessions?.sessions.get(views?.get(process.pid)?.sessionId ?? '');
    if (viewed !== undefined) {
      if (taken.has(viewed.id)) return [];
      taken.add(viewed.id);
      const { host = process, match } = hostOf(viewed.id);
      return [makeRow(viewed, host, match)];
    }
    const own = (byPid.get(process.pid) ?? []).filter(({ sessionId }) => !taken.has(sessionId));
    const ofProcess = own.flatMap((match, index) => {
      const session = readings.sessions?.sessions.get(match.sessionId);
      if (session === undefined || taken.has(session.id)) return [];
      const row = makeRow(session, process, match);
      const isShown = index === 0 && !isServer(process);
      if (!isShown && !includeIdle && !isOfInterest(row)) return [];
      taken.add(session.id);
      return [row];
    });
    if (ofProcess.length > 0) return ofProcess;
    if (isRacing(process, all, readings.nowMs) || hasOwnTui(process, all)) return [];
    return [processRow(process, viewers.has(listed), input, own[0])];
  });
  // A viewer's row may come before that of its service.
  const hosting = new Set(rows.flatMap(({ session, process }) => (session && process ? [process.pid] : [])));
  return rows.filter(
    ({ session, process }) =>
      session !== undefined || !process || !isService(process) || !hosting.has(process.pid),
  );
}

/** Finds the process that runs a session, and the match that says so. */
function hostFinder({ readings, matches }: BoardInput) {
  const bySession = new Map(matches.map((match) => [match.sessionId, match]));
  const byPid = new Map(
    (readings.processes?.processes ?? []).map((process) => [process.pid, withReports(process, readings)]),
  );
  return (sessionId: string) => {
    const match = bySession.get(sessionId);
    const host = match && byPid.get(match.pid);
    return { ...(host && { host }), ...(match && { match }) };
  };
}

/** The process with what its server says about it. */
function withReports(process: OpencodeProcess, { reports }: Readings): OpencodeProcess {
  const note = reports?.notes?.get(process.pid);
  const version = reports?.links?.get(process.pid)?.version;
  if (note === undefined && version === undefined) return process;
  const missing = note === undefined ? process.missing : [...process.missing, note];
  return { ...process, missing, ...(version !== undefined && { version }) };
}

function matchesByPid(matches: readonly Match[]): ReadonlyMap<number, readonly Match[]> {
  const byPid = new Map<number, Match[]>();
  for (const match of matches) {
    const own = byPid.get(match.pid);
    if (own === undefined) byPid.set(match.pid, [match]);
    else own.push(match);
  }
  return byPid;
}

function rowsWithoutProcess(input: BoardInput): Row[] {
  const makeRow = rowMaker(input);
  const matched = new Set(input.matches.map(({ sessionId }) => sessionId));
  const sessions = [...(input.readings.sessions?.sessions.values() ?? [])];
  return sessions
    .filter((session) => isOpenRoot(session) && !matched.has(session.id))
    .sort((one, other) => (other.activeAtMs ?? 0) - (one.activeAtMs ?? 0))
    .map((session) => makeRow(session));
}

type RowMaker = (session: Session, process?: OpencodeProcess, match?: Match) => Row;

function rowMaker(input: BoardInput): RowMaker {
  const { readings, viewedAtMs, viewedBaselineMs, lookup, history, host } = input;
  const { nowMs, sessions, log, reports, processes } = readings;
  const viewers = viewersIn(processes?.processes ?? []);
  const viewersOf = viewersBySession(input);
  const evidence: SessionEvidence = {
    nowMs,
    lookup,
    children: childrenByParent(sessions?.sessions.values() ?? []),
    reportOf: (id) => reports?.statuses.get(id) ?? atRestAs(readings, sessions?.sessions.get(id)),
    viewedAtMs: (id) => viewedAtMs.get(id) ?? viewedBaselineMs,
  };
  return (session, running, match) => {
    const own = viewersOf.get(session.id) ?? [];
    const runner = { process: running, log: running && log?.byPid.get(running.pid) };
    const judged = judgedSession(session, runner, evidence);
    const family = [session, ...judged.children.map((sub) => sub.session)];
    const perMinute = sumOfMinutes(family.flatMap(({ id }) => [history.ofSession(id, nowMs) ?? []]));
    const process = running && withOwnChildren(withTerminalOf(running, own), family);
    const isUnseen = own.length === 0 && isUnwatched(process, session, viewers);
    const unwatched = !isAtRest(judged.state) && isUnseen;
    return omitUndefined({
      key: session.id,
      host,
      process,
      match,
      ...judged,
      unwatched: unwatched || undefined,
      asksUnseen: process && unseenAsks(session, process, judged, reports),
      viewerPids: own.length > 0 ? own.map(({ pid }) => pid) : undefined,
      tokensPerMinute: perMinute.length > 0 ? perMinute : undefined,
    });
  };
}

/**
 * Why asks of a session of opencode 2 cannot be seen; undefined if they can, or if no tool call could be asking. Permissions
 * are in the service's memory only, and their calls look like running ones (opencode-2.md, "States").
 */
function unseenAsks(
  session: Session,
  process: OpencodeProcess,
  { state, children }: Pick<Row, 'state' | 'children'>,
  reports: ReportReading | undefined,
): DisplayText | undefined {
  if (reports?.links === undefined || !isServer(process) || !isOfTwo(session)) return undefined;
  const mayAsk = ({ name, tool }: SessionState) =>
    name === 'tool use' || (name === 'queued' && tool !== undefined);
  const link = reports.links.get(process.pid);
  const isSeen = link?.state === 'live' || reports.statuses.get(session.id)?.source === 'marker';
  if (isSeen || ![state, ...children.map((sub) => sub.state)].some(mayAsk)) return undefined;
  return (
    link?.why ??
    sanitize(link === undefined ? 'its service has no known port' : 'its service has not answered yet')
  );
}

/**
 * The service has the children of all its sessions as its own: keeps those of the running calls of this session's family.
 * A call whose command another session runs, too, has both children.
 */
function withOwnChildren(process: OpencodeProcess, family: readonly Session[]): OpencodeProcess {
  if (process.children.length === 0 || !isServer(process) || !family.some(isOfTwo)) return process;
  const calls = family.flatMap(({ newestAssistant }) => (newestAssistant ? openCalls(newestAssistant) : []));
  return {
    ...process,
    children: process.children.filter((child) => calls.some((call) => isChildOf(child, call))),
  };
}

/** The report of a session that opencode 2 does not list as working; undefined if no server can list it. */
function atRestAs(
  { reports, processes }: Readings,
  session: Session | undefined,
): ReportedStatus | undefined {
  const { listedAtMs } = reports ?? {};
  if (session === undefined || listedAtMs === undefined || listedAtMs.size === 0 || !isOfTwo(session))
    return undefined;
  const owner = processes?.processes.find(
    ({ pid, databases }) => listedAtMs.has(pid) && databases.includes(session.databasePath),
  );
  const atMs = owner && listedAtMs.get(owner.pid);
  if (atMs === undefined) return undefined;
  return { source: 'server', sessionId: session.id, atMs, activity: { kind: 'idle' }, asks: [] };
}

/** The viewers of each session, one whose pane a client shows first, then by pid. */
function viewersBySession({ readings, views }: BoardInput): ReadonlyMap<string, readonly OpencodeProcess[]> {
  const bySession = new Map<string, OpencodeProcess[]>();
  for (const process of readings.processes?.processes ?? []) {
    const sessionId = views?.get(process.pid)?.sessionId;
    if (sessionId === undefined) continue;
    const own = bySession.get(sessionId);
    if (own === undefined) bySession.set(sessionId, [process]);
    else own.push(process);
  }
  const rank = ({ pane }: OpencodeProcess) => (pane?.active ? 0 : pane ? 1 : 2);
  for (const own of bySession.values())
    own.sort((one, other) => rank(one) - rank(other) || one.pid - other.pid);
  return bySession;
}

/** A service has no terminal of its own: its session is seen and reached in that of its first viewer. */
function withTerminalOf(process: OpencodeProcess, [viewer]: readonly OpencodeProcess[]): OpencodeProcess {
  if (viewer === undefined || viewer.pid === process.pid || process.pane !== undefined) return process;
  return { ...process, ...omitUndefined({ pane: viewer.pane, tty: viewer.tty ?? process.tty }) };
}

/** The row of a process without a session. `why` needs the match if its session was not read yet. */
function processRow(
  process: OpencodeProcess,
  isViewer: boolean,
  { host, readings }: BoardInput,
  match?: Match,
): Row {
  const isUnread = match !== undefined && !readings.sessions?.sessions.has(match.sessionId);
  return {
    key: `pid:${process.pid}`,
    host,
    process,
    ...(isUnread && { match }),
    state: processState(process, isViewer),
    context: {},
    children: [],
  };
}

/** The Board with the rows of the dashboard: without `opencode run`, unless --all or --include-noninteractive is set. */
export function visibleRows(
  board: Board,
  { all, includeNoninteractive }: { readonly all?: boolean; readonly includeNoninteractive?: boolean },
): Board {
  if (all || includeNoninteractive) return board;
  const rows = board.rows.filter(
    ({ process, session }) => process?.kind !== 'run' && session?.interactive !== false,
  );
  return withRows(board, rows);
}

/** The Board with other rows and new counts. */
export function withRows(board: Board, rows: readonly Row[]): Board {
  return { ...board, rows, ...countsOf(rows) };
}

function countsOf(rows: readonly Row[]): Pick<Board, 'counts' | 'needsYouCount' | 'unreadCount'> {
  return {
    counts: countStates(rows),
    needsYouCount: rows.filter(({ state }) => state.needsYou).length,
    unreadCount: rows.filter(({ state }) => state.unread).length,
  };
}

function countStates(rows: readonly Row[]): Record<StateName, number> {
  const counts = Object.fromEntries(stateNames.map((name) => [name, 0])) as Record<StateName, number>;
  for (const { state } of rows) counts[state.name]++;
  return counts;
}

/** All troubles without duplicates, in the order sessions, processes, log, reports, hosts, others. */
function mergedTroubles({ readings, troubles = [] }: BoardInput): Trouble[] {
  const { sessions, processes, log, reports, hosts = [] } = readings;
  const all = [sessions, processes, log, reports, ...hosts]
    .flatMap((reading) => reading?.troubles ?? [])
    .concat(troubles);
  return [...new Map(all.map((one) => [`${one.source} ${one.text}`, one])).values()];
}
