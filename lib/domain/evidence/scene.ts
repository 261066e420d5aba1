import { type OpencodeArguments, parseArguments } from '../process/arguments.ts';
import type { OpencodeProcess } from '../process/process.ts';
import { wasCutShort } from '../session/rules/ended.ts';
import type { Session } from '../session/session.ts';
import type { LogFacts } from './log-facts.ts';
import type { Evidence, Match } from './match.ts';
import { type NamedRoot, namedRoots } from './named-roots.ts';
import { type PaneTitle, paneTitle, shownTitle } from './pane-title.ts';
import type { ActivityMemory } from './rules/activity.ts';

/** The input of `correlate`, at one instant. */
export interface CorrelateInput {
  readonly processes: readonly OpencodeProcess[];
  readonly sessions: ReadonlyMap<string, Session>;
  /** The facts from the logs, by process; a process without a readable log is absent. */
  readonly log: ReadonlyMap<number, LogFacts>;
  /** The reported evidence, from otop's plugin and from servers' APIs. */
  readonly extraEvidence: readonly Evidence[];
  /** The last matches, so that no match flips without new evidence. */
  readonly previous: readonly Match[];
  readonly activity: ActivityMemory;
  readonly nowMs: number;
}

/** The input with lookups for several kinds of evidence. */
export interface Scene extends CorrelateInput {
  /** The root of a subagent; the id itself for a root or an unknown session. */
  rootOf(sessionId: string): string;
  /** The root sessions of a process's directory that are not archived, most recently updated first. */
  rootsIn(directory: string): readonly Session[];
  /** The parsed command line of the process. */
  argumentsOf(process: OpencodeProcess): OpencodeArguments;
  /** The parsed title of the process's pane. */
  shownBy(process: OpencodeProcess): PaneTitle;
  /** The root sessions that the process's log names, newest last. */
  rootsNamedBy(process: OpencodeProcess): readonly NamedRoot[];
  /** By pid of a `--standalone` TUI's private server: the session that the TUI shows. */
  readonly shownByTui: ReadonlyMap<number, string>;
  /** The evidence about a process that opencode itself reports. */
  reportedOf(process: OpencodeProcess): readonly Evidence[];
  /** The root sessions that the TUI shows under a visible title, else none; a subagent counts for its root. */
  titled(title: string): ReadonlySet<string>;
}

/**
 * Builds the lookups; the result does not depend on the order of processes and sessions. Of thousands of sessions, it
 * indexes only those in a process's directory or with a visible title.
 */
export function sceneOf(input: CorrelateInput, shownByTui: Scene['shownByTui'] = new Map()): Scene {
  const rootOf = rootsOf(input);
  const shownBy = oncePerProcess((process) => paneTitle(process, input.nowMs));
  const byDirectory = new Map<string | undefined, Session[]>();
  const reported = new Map<number, Evidence[]>();
  for (const evidence of input.extraEvidence) {
    const ofProcess = reported.get(evidence.pid);
    if (ofProcess === undefined) reported.set(evidence.pid, [evidence]);
    else ofProcess.push(evidence);
  }
  const byTitle = new Map<string, Set<string>>();
  for (const process of input.processes) {
    if (process.cwd !== undefined) byDirectory.set(process.cwd, []);
    const shown = shownBy(process);
    if (shown.kind === 'session') byTitle.set(shown.title, new Set());
  }
  for (const session of input.sessions.values()) {
    const { id, title, directoryPath, archivedAtMs } = session;
    if (title !== undefined) byTitle.get(cachedShownTitle(session, title))?.add(rootOf(id));
    if (archivedAtMs !== undefined) continue;
    const inDirectory = byDirectory.get(directoryPath);
    if (inDirectory !== undefined && rootOf(id) === id) inDirectory.push(session);
  }
  for (const inDirectory of byDirectory.values()) inDirectory.sort(newestFirst);
  return {
    ...input,
    shownByTui,
    rootOf,
    rootsIn: (directory) => byDirectory.get(directory) ?? [],
    argumentsOf: oncePerProcess((process) => parseArguments(process.args)),
    shownBy,
    rootsNamedBy: oncePerProcess(({ pid }) => namedRoots(input.log.get(pid), rootOf)),
    reportedOf: ({ pid }) => reported.get(pid) ?? [],
    titled: (title) => byTitle.get(title) ?? none,
  };
}

const none: ReadonlySet<string> = new Set();

/** True if the database holds an unfinished turn, even if its process has ended. */
export function isAtWork(session: Session | undefined): boolean {
  if (session === undefined) return false;
  const { newestAssistant, newestUser, reverted, claimedAtMs, turnEnd } = session;
  if (reverted) return false;
  if (claimedAtMs !== undefined) return true;
  if (turnEnd !== undefined || (newestAssistant !== undefined && wasCutShort(newestAssistant))) return false;
  if (newestAssistant !== undefined && newestAssistant.completedAtMs === undefined) {
    return newestAssistant.error === undefined;
  }
  if (newestUser?.seq !== undefined) return newestUser.seq > (newestAssistant?.seq ?? 0);
  return (newestUser?.createdAtMs ?? 0) > (newestAssistant?.createdAtMs ?? 0);
}

/** An unchanged session is the same object at the next poll, so each of thousands of titles is cut only once. */
const shownTitleCache = new WeakMap<Session, string>();

function cachedShownTitle(session: Session, title: string): string {
  const cached = shownTitleCache.get(session);
  if (cached !== undefined) return cached;
  const shown = shownTitle(title);
  shownTitleCache.set(session, shown);
  return shown;
}

/** Computes a fact of a process on the first call and caches it; the cache lives as long as the scene. */
function oncePerProcess<T>(compute: (process: OpencodeProcess) => T): (process: OpencodeProcess) => T {
  const cache = new Map<OpencodeProcess, T>();
  return (process) => {
    const cached = cache.get(process);
    if (cached !== undefined) return cached;
    const fact = compute(process);
    cache.set(process, fact);
    return fact;
  };
}

/**
 * True if the process itself works on the session: its log names the prompt and no end of the turn, and the database
 * holds an unfinished turn.
 */
export function isWorkingOn(scene: Scene, process: OpencodeProcess, sessionId: string): boolean {
  if (!isAtWork(scene.sessions.get(sessionId))) return false;
  const root = scene.rootsNamedBy(process).find((each) => each.sessionId === sessionId);
  const endedAtMs = scene.log.get(process.pid)?.loopEndedAtMs.get(sessionId) ?? 0;
  return root?.promptedAtMs !== undefined && endedAtMs <= root.promptedAtMs;
}

/** Finds the root of a chain of parents. The log's `created` lines name a parent before the next read of the database. */
function rootsOf({ sessions, log }: CorrelateInput): (sessionId: string) => string {
  const parentsInLog = new Map<string, string>();
  for (const facts of log.values()) {
    for (const { sessionId, parentId } of facts.sessions)
      if (parentId !== undefined) parentsInLog.set(sessionId, parentId);
  }
  return (sessionId) => {
    let root = sessionId;
    // Bounded, since a database can hold a cycle.
    for (let depth = 0; depth < 20; depth++) {
      const parent = sessions.get(root)?.parentId ?? parentsInLog.get(root);
      if (parent === undefined) break;
      root = parent;
    }
    return root;
  };
}

function newestFirst(left: Session, right: Session): number {
  return (right.updatedAtMs ?? 0) - (left.updatedAtMs ?? 0) || (left.id < right.id ? -1 : 1);
}
