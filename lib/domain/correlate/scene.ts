import { type OpencodeArguments, parseArguments } from '../arguments.ts';
import type { LogFacts } from '../log-facts.ts';
import type { Evidence, Match } from '../match.ts';
import type { OpencodeProcess } from '../process.ts';
import type { Session } from '../session.ts';
import type { ActivityMemory } from './activity.ts';
import { type NamedRoot, namedRoots } from './named-roots.ts';
import { type PaneTitle, paneTitle, shownTitle } from './pane-title.ts';

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
  /** Root sessions of a directory that are not archived, most recently updated first. */
  rootsIn(directory: string): readonly Session[];
  /** What the process's command line asks for. */
  argumentsOf(process: OpencodeProcess): OpencodeArguments;
  /** What the title of the process's pane says. */
  shownBy(process: OpencodeProcess): PaneTitle;
  /** The root sessions that the process's log names, newest last. */
  rootsNamedBy(process: OpencodeProcess): readonly NamedRoot[];
  /** Root sessions that the TUI would show under this title, a subagent's title counting for its root. */
  titled(title: string): ReadonlySet<string>;
}

/** Builds the look-ups; the order of processes and sessions in the input makes no difference to anything after. */
export function sceneOf(input: CorrelateInput): Scene {
  const parents = parentsOf(input);
  const rootOf = (sessionId: string) => rootIn(parents, sessionId);
  const byDirectory = new Map<string, Session[]>();
  const sorted = new Set<string>();
  const byTitle = new Map<string, Set<string>>();
  for (const session of input.sessions.values()) {
    const root = rootOf(session.id);
    if (session.title !== undefined) add(byTitle, shownTitleOf(session, session.title), root);
    if (root !== session.id || session.directoryPath === undefined || session.archivedAtMs !== undefined)
      continue;
    const there = byDirectory.get(session.directoryPath);
    if (there === undefined) byDirectory.set(session.directoryPath, [session]);
    else there.push(session);
  }
  return {
    ...input,
    rootOf,
    rootsIn: (directory) => {
      const there = byDirectory.get(directory) ?? [];
      if (!sorted.has(directory)) there.sort(newestFirst);
      sorted.add(directory);
      return there;
    },
    argumentsOf: kept((process) => parseArguments(process.args)),
    shownBy: kept((process) => paneTitle(process, input.nowMs)),
    rootsNamedBy: kept(({ pid }) => namedRoots(input.log.get(pid), rootOf)),
    titled: (title) => byTitle.get(title) ?? new Set(),
  };
}

/** When a session last changed in the database, the start of the epoch where nothing says. */
export function lastActiveAtMs(session: Session): number {
  return session.activeAtMs ?? session.updatedAtMs ?? session.createdAtMs ?? 0;
}

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

/** Sessions are the same objects from one look to the next unless they changed: thousands of titles are cut once. */
const shownTitles = new WeakMap<Session, string>();

function shownTitleOf(session: Session, title: string): string {
  const known = shownTitles.get(session);
  if (known !== undefined) return known;
  const shown = shownTitle(title);
  shownTitles.set(session, shown);
  return shown;
}

/** Asks once for each process. */
function kept<T>(ask: (process: OpencodeProcess) => T): (process: OpencodeProcess) => T {
  const answers = new Map<OpencodeProcess, T>();
  return (process) => {
    const known = answers.get(process);
    if (known !== undefined) return known;
    const answer = ask(process);
    answers.set(process, answer);
    return answer;
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

/** The log's `created` lines know a subagent's parent before the database was read again. */
function parentsOf(input: CorrelateInput): Map<string, string> {
  const parents = new Map<string, string>();
  for (const facts of input.log.values()) {
    for (const { sessionId, parentId } of facts.sessions)
      if (parentId !== undefined) parents.set(sessionId, parentId);
  }
  for (const session of input.sessions.values()) {
    if (session.parentId !== undefined) parents.set(session.id, session.parentId);
  }
  return parents;
}

function rootIn(parents: ReadonlyMap<string, string>, sessionId: string): string {
  let root = sessionId;
  // Bounded, since a database can hold anything, a circle too.
  for (let depth = 0; depth < 20; depth++) {
    const parent = parents.get(root);
    if (parent === undefined) break;
    root = parent;
  }
  return root;
}

function newestFirst(left: Session, right: Session): number {
  return (right.updatedAtMs ?? 0) - (left.updatedAtMs ?? 0) || (left.id < right.id ? -1 : 1);
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
