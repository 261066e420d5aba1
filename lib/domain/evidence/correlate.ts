import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { SessionRequest } from '../board/readings.ts';
import { parseArguments } from '../process/arguments.ts';
import { isServer, type OpencodeProcess } from '../process/process.ts';
import { hasOwnTui, viewersIn } from '../process/viewers.ts';
import { assign, type Edge } from './assign.ts';
import { type Candidate, candidatesOf, guessOf } from './candidates.ts';
import type { LogFacts } from './log-facts.ts';
import type { Confidence, Evidence, Match } from './match.ts';
import { directoryEvidence } from './rules/directory.ts';
import { freshProcesses } from './rules/fresh.ts';
import { logRunners } from './rules/log.ts';
import { type Viewing, viewings } from './rules/viewing.ts';
import { type CorrelateInput, type Scene, sceneOf } from './scene.ts';

/** The matches of processes and sessions, with all judged candidates. */
export interface Correlation {
  /** Sorted by pid; the visible session of a process comes first. No session occurs twice. */
  readonly matches: readonly Match[];
  /** All pairs with evidence for or against them, chosen or not. */
  readonly candidates: readonly Candidate[];
  /** Processes that show no session, with the reason; their rows are `new`. */
  readonly fresh: ReadonlyMap<number, DisplayText>;
  /** The sessions that viewers show, by the viewer's pid. */
  readonly views: ReadonlyMap<number, Viewing>;
}

/**
 * The bonus of a match from the last poll, within its confidence, so that no match flips without a reason. For guesses it
 * outweighs the order of the last updates; for the others it only decides between equals.
 */
const stayUnits = { certain: 5, likely: 5, guess: 60 };

/**
 * Decides which process runs which session: collects and judges the evidence of each pair, then chooses the best set of
 * pairs. Certain pairs are chosen first, so that no weaker pair can take their sessions. Likely pairs and guesses follow
 * together; a likely pair outweighs any number of guesses. Pure and independent of the order of the input.
 */
export function correlate(input: CorrelateInput): Correlation {
  const viewers = viewersIn(input.processes);
  const processes = input.processes
    .filter((process) => !viewers.has(process))
    .toSorted((left, right) => left.pid - right.pid);
  const shown =
    viewers.size === 0 ? noViews : viewings(sceneOf({ ...input, processes: [...viewers] }), processes);
  const own = privateServers(input.processes);
  const shownByTui = new Map(
    own.flatMap(({ pid, parentPid }) => {
      const sessionId = shown.get(parentPid)?.sessionId;
      return sessionId === undefined ? [] : [[pid, sessionId] as const];
    }),
  );
  const scene = sceneOf({ ...input, processes }, shownByTui);
  const runners = logRunners(scene);
  const candidates = scene.processes.flatMap((process) => candidatesOf(scene, process, runners));
  const before = new Map(scene.previous.map(({ pid, sessionId }) => [sessionId, pid]));
  const chosen = choose(before, candidates, ['certain']);
  const rest = candidates.filter(freeOf(chosen));
  chosen.push(...choose(before, rest, ['likely', 'guess']));

  const fresh = freshProcesses(scene);
  const guesses = directoryCandidates(scene, chosen, candidates, fresh);
  chosen.push(...choose(before, guesses, ['guess']));
  const matches = chosen
    .filter(({ sessionId }) => scene.sessions.has(sessionId))
    .toSorted(
      (left, right) =>
        left.pid - right.pid || Number(left.hosted) - Number(right.hosted) || byId(left, right),
    )
    .map(matchOf);
  const taken = new Set(chosen.filter(({ hosted }) => !hosted).map(({ pid }) => pid));
  return {
    matches,
    candidates: [...candidates, ...guesses],
    fresh: new Map([...fresh].filter(([pid]) => !taken.has(pid))),
    views: withOnlySessions(shown, own, matches),
  };
}

/** The private servers whose TUI is known. */
function privateServers(processes: readonly OpencodeProcess[]) {
  return processes.flatMap((process) => {
    const { pid, parentPid } = process;
    return parentPid !== undefined && hasOwnTui(process, processes) ? [{ pid, parentPid }] : [];
  });
}

/** Adds TUIs without a sign of their session whose private server runs a single one. */
function withOnlySessions(
  shown: ReadonlyMap<number, Viewing>,
  servers: readonly { readonly pid: number; readonly parentPid: number }[],
  matches: readonly Match[],
): ReadonlyMap<number, Viewing> {
  const more = servers.flatMap(({ pid, parentPid }): [number, Viewing][] => {
    const [first, ...others] = matches.filter((match) => match.pid === pid);
    if (shown.has(parentPid) || first === undefined || others.length > 0) return [];
    return [
      [
        parentPid,
        { sessionId: first.sessionId, why: sanitize('the only session of the server that it started') },
      ],
    ];
  });
  return more.length === 0 ? shown : new Map([...shown, ...more]);
}

const noViews: ReadonlyMap<number, Viewing> = new Map();

/** A candidate as an edge of the assignment. */
interface CandidateEdge extends Edge {
  readonly candidate: Candidate;
}

/** The best pairs of the given confidences; a hosted pair does not use the visible slot of its process. */
function choose(
  before: ReadonlyMap<string, number>,
  candidates: readonly Candidate[],
  confidences: readonly Confidence[],
): Candidate[] {
  const edges: CandidateEdge[] = [];
  for (const candidate of candidates) {
    const { pid, sessionId, judgement, hosted } = candidate;
    if (judgement === undefined || !confidences.includes(judgement.confidence)) continue;
    const units = judgement.units + (before.get(sessionId) === pid ? stayUnits[judgement.confidence] : 0);
    // A guess has less than 256 units: only more than 65,536 guesses could outweigh one likely pair.
    const weight = judgement.confidence === 'likely' ? units * 2 ** 24 : units;
    edges.push({ row: hosted ? `${pid} ${sessionId}` : `${pid}`, column: sessionId, weight, candidate });
  }
  return assign(edges).map(({ candidate }) => candidate);
}

/** Tests if a candidate's session and its process's visible slot are free; a hosted candidate needs no slot. */
function freeOf(chosen: readonly Candidate[]): (candidate: Candidate) => boolean {
  const sessions = new Set(chosen.map(({ sessionId }) => sessionId));
  const processes = new Set(chosen.filter(({ hosted }) => !hosted).map(({ pid }) => pid));
  return ({ sessionId, pid, hosted }) => !sessions.has(sessionId) && (hosted || !processes.has(pid));
}

/** Guesses by directory, for the processes and sessions without a match. */
function directoryCandidates(
  scene: Scene,
  chosen: readonly Candidate[],
  candidates: readonly Candidate[],
  fresh: ReadonlyMap<number, DisplayText>,
): Candidate[] {
  const takenSessions = new Set(chosen.map(({ sessionId }) => sessionId));
  const takenProcesses = new Set(chosen.filter(({ hosted }) => !hosted).map(({ pid }) => pid));
  const excluded = new Map<number, Set<string>>();
  for (const { pid, sessionId, judgement } of candidates) {
    if (judgement !== undefined) continue;
    const ofProcess = excluded.get(pid);
    if (ofProcess === undefined) excluded.set(pid, new Set([sessionId]));
    else ofProcess.add(sessionId);
  }
  return scene.processes
    .filter(({ pid }) => !takenProcesses.has(pid) && !fresh.has(pid))
    .filter((process) => !isServer(process) || !scene.log.has(process.pid))
    .flatMap((process) => {
      const ofProcess = excluded.get(process.pid);
      const isFree = (id: string) => !takenSessions.has(id) && ofProcess?.has(id) !== true;
      return directoryEvidence(scene, process, isFree).map((evidence) =>
        guessOf(evidence, isServer(process)),
      );
    });
}

function byId(left: Candidate, right: Candidate): number {
  return left.sessionId < right.sessionId ? -1 : 1;
}

function matchOf({ pid, sessionId, judgement, pieces }: Candidate): Match {
  const [first] = pieces;
  return {
    pid,
    sessionId,
    confidence: judgement?.confidence ?? 'guess',
    evidence: first?.kind ?? 'directory',
    why: first?.why ?? sanitize('no evidence'),
    pieces,
  };
}

/** The request to the databases: all sessions that any source names, so that they can be matched. */
export function wantedSessions(
  poll: {
    readonly processes: readonly OpencodeProcess[];
    readonly log: ReadonlyMap<number, LogFacts>;
    readonly extraEvidence: readonly Evidence[];
    readonly previous: readonly Match[];
  },
  settings: Pick<SessionRequest, 'includeIdle' | 'sums'>,
): SessionRequest {
  const sessionIds = new Set<string>();
  const directories = new Set<string>();
  for (const { args, cwd } of poll.processes) {
    const { sessionId } = parseArguments(args);
    if (sessionId !== undefined) sessionIds.add(sessionId);
    if (cwd !== undefined) directories.add(cwd);
  }
  for (const { sessions } of poll.log.values()) {
    for (const { sessionId, parentId } of sessions) sessionIds.add(sessionId).add(parentId ?? sessionId);
  }
  for (const { sessionId } of [...poll.extraEvidence, ...poll.previous]) sessionIds.add(sessionId);
  return { sessionIds, directories, ...settings };
}
