import { type OpencodeArguments, parseArguments } from '../process/arguments.ts';
import type { OpencodeProcess } from '../process/process.ts';
import type { Session } from '../session/session.ts';
import type { LogFacts } from './log-facts.ts';
import type { Evidence, Match } from './match.ts';
import { type NamedRoot, namedRoots } from './named-roots.ts';
import { type PaneTitle, paneTitle, shownTitle } from './pane-title.ts';
import type { ActivityMemory } from './rules/activity.ts';

/** Everything that matches are made from, at one instant. */
export interface CorrelateInput {
  readonly processes: readonly OpencodeProcess[];
  readonly sessions: ReadonlyMap<string, Session>;
  /** What the logs say, by process; absent processes have no readable log. */
  readonly log: ReadonlyMap<number, LogFacts>;
  /** Ready-made pieces: of otop's plugin and of servers' APIs. */
  readonly extraEvidence: readonly Evidence[];
  /** The last matches, so that nothing flips without new evidence. */
  readonly previous: readonly Match[];
  readonly activity: ActivityMemory;
  readonly nowMs: number;
}

/** The input with the look-ups that several kinds of evidence need. */
export interface Scene extends CorrelateInput {
  /** The session at the top of a subagent's chain of parents; the id itself for a root or an unknown one. */
  rootOf(sessionId: string): string;
  /** Root sessions of a process's directory that are not archived, most recently updated first. */
  rootsIn(directory: string): readonly Session[];
  /** What the process's command line asks for. */
  argumentsOf(process: OpencodeProcess): OpencodeArguments;
  /** What the title of the process's pane says. */
  shownBy(process: OpencodeProcess): PaneTitle;
  /** The root sessions that the process's log names, newest last. */
  rootsNamedBy(process: OpencodeProcess): readonly NamedRoot[];
  /** The ready-made pieces about a process: what opencode itself says of it. */
  toldOf(process: OpencodeProcess): readonly Evidence[];
  /** Root sessions that the TUI would show under a title that one shows, a subagent's counting for its root. */
  titled(title: string): ReadonlySet<string>;
}

/**
 * Builds the look-ups; the order of processes and sessions in the input makes no difference to anything after. Of
 * thousands of sessions only those are sorted in that are in a process's directory or under a title that one shows.
 */
export function sceneOf(input: CorrelateInput): Scene {
  const rootOf = rootsOf(input);
  const shownBy = oncePerProcess((process) => paneTitle(process, input.nowMs));
  const byDirectory = new Map<string | undefined, Session[]>();
  const told = new Map<number, Evidence[]>();
  for (const evidence of input.extraEvidence) {
    const those = told.get(evidence.pid);
    if (those === undefined) told.set(evidence.pid, [evidence]);
    else those.push(evidence);
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
    const there = byDirectory.get(directoryPath);
    if (there !== undefined && rootOf(id) === id) there.push(session);
  }
  for (const there of byDirectory.values()) there.sort(newestFirst);
  return {
    ...input,
    rootOf,
    rootsIn: (directory) => byDirectory.get(directory) ?? [],
    argumentsOf: oncePerProcess((process) => parseArguments(process.args)),
    shownBy,
    rootsNamedBy: oncePerProcess(({ pid }) => namedRoots(input.log.get(pid), rootOf)),
    toldOf: ({ pid }) => told.get(pid) ?? [],
    titled: (title) => byTitle.get(title) ?? none,
  };
}

const none: ReadonlySet<string> = new Set();

/** True while a turn is under way as far as the database tells, whether or not its process still lives. */
export function isAtWork(session: Session | undefined): boolean {
  if (session === undefined) return false;
  const { newestAssistant, newestUser, reverted } = session;
  if (reverted) return false;
  if (newestAssistant !== undefined && newestAssistant.completedAtMs === undefined) {
    return newestAssistant.error === undefined;
  }
  return (newestUser?.createdAtMs ?? 0) > (newestAssistant?.createdAtMs ?? 0);
}

/** A session that did not change is the same object at the next poll: thousands of titles are cut only once. */
const shownTitleCache = new WeakMap<Session, string>();

function cachedShownTitle(session: Session, title: string): string {
  const cached = shownTitleCache.get(session);
  if (cached !== undefined) return cached;
  const shown = shownTitle(title);
  shownTitleCache.set(session, shown);
  return shown;
}

/** Computes a fact of a process when it is first asked for; the cache lasts as long as the scene. */
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
 * True while the process itself works on the session: it prompted it, its log does not say that the turn ended, and
 * the database holds the turn unfinished.
 */
export function isWorkingOn(scene: Scene, process: OpencodeProcess, sessionId: string): boolean {
  if (!isAtWork(scene.sessions.get(sessionId))) return false;
  const root = scene.rootsNamedBy(process).find((each) => each.sessionId === sessionId);
  const endedAtMs = scene.log.get(process.pid)?.loopEndedAtMs.get(sessionId) ?? 0;
  return root?.promptedAtMs !== undefined && endedAtMs <= root.promptedAtMs;
}

/** Finds the top of a chain of parents. The log's `created` lines know a parent before the database was read again. */
function rootsOf({ sessions, log }: CorrelateInput): (sessionId: string) => string {
  const parentsInLog = new Map<string, string>();
  for (const facts of log.values()) {
    for (const { sessionId, parentId } of facts.sessions)
      if (parentId !== undefined) parentsInLog.set(sessionId, parentId);
  }
  return (sessionId) => {
    let root = sessionId;
    // Bounded, since a database can hold anything, a circle too.
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
