import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { isServer } from '../process/process.ts';
import { viewersIn } from '../process/viewers.ts';
import { assign, type Edge } from './assign.ts';
import { type Candidate, candidatesOf, guessOf } from './candidates.ts';
import type { Confidence, Match } from './match.ts';
import { directoryEvidence } from './rules/directory.ts';
import { freshProcesses } from './rules/fresh.ts';
import { logRunners } from './rules/log.ts';
import { type CorrelateInput, type Scene, sceneOf } from './scene.ts';

/** Which process runs which session, and everything that was weighed. */
export interface Correlation {
  /** By process number; of one process the session it shows comes first. No session twice. */
  readonly matches: readonly Match[];
  /** Every pair that anything speaks for or against, chosen or not. */
  readonly candidates: readonly Candidate[];
  /** Processes that have no session, as far as can be told, with the reason: rows `new`. */
  readonly fresh: ReadonlyMap<number, DisplayText>;
}

/**
 * A match of the last look is worth this much more within its confidence: nothing flips without a reason. Enough among
 * guesses to outweigh which session was updated last; among the others, only to decide between equals.
 */
const stayUnits = { certain: 5, likely: 5, guess: 60 };

/**
 * Decides which process runs which session: gathers the evidence of each pair, weighs it, and chooses the best pairs as
 * a whole. What is certain is settled before all else, so that nothing weaker can take a session away from it; then
 * likely pairs and guesses together, a likely one being worth more than any number of guesses. Pure; the order of the
 * input makes no difference.
 */
export function correlate(input: CorrelateInput): Correlation {
  const viewers = viewersIn(input.processes);
  const processes = input.processes
    .filter((process) => !viewers.has(process))
    .toSorted((left, right) => left.pid - right.pid);
  const scene = sceneOf({ ...input, processes });
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
  };
}

/** A pair that may be chosen, as the assignment sees it. */
interface CandidateEdge extends Edge {
  readonly candidate: Candidate;
}

/** The best pairs of the given confidences; a hosted one takes no place of its process. */
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
    // A guess has less than 256 units: 65,536 of them and more would have to go together to outweigh one likely pair.
    const weight = judgement.confidence === 'likely' ? units * 2 ** 24 : units;
    edges.push({ row: hosted ? `${pid} ${sessionId}` : `${pid}`, column: sessionId, weight, candidate });
  }
  return assign(edges).map(({ candidate }) => candidate);
}

/** Whether neither the session nor the place of a candidate is taken; a hosted one needs no place. */
function freeOf(chosen: readonly Candidate[]): (candidate: Candidate) => boolean {
  const sessions = new Set(chosen.map(({ sessionId }) => sessionId));
  const processes = new Set(chosen.filter(({ hosted }) => !hosted).map(({ pid }) => pid));
  return ({ sessionId, pid, hosted }) => !sessions.has(sessionId) && (hosted || !processes.has(pid));
}

/** Guesses by directory for processes and sessions that are still alone. */
function directoryCandidates(
  scene: Scene,
  chosen: readonly Candidate[],
  candidates: readonly Candidate[],
  fresh: ReadonlyMap<number, DisplayText>,
): Candidate[] {
  const takenSessions = new Set(chosen.map(({ sessionId }) => sessionId));
  const takenProcesses = new Set(chosen.filter(({ hosted }) => !hosted).map(({ pid }) => pid));
  const against = new Map<number, Set<string>>();
  for (const { pid, sessionId, judgement } of candidates) {
    if (judgement !== undefined) continue;
    const those = against.get(pid);
    if (those === undefined) against.set(pid, new Set([sessionId]));
    else those.add(sessionId);
  }
  return scene.processes
    .filter(({ pid }) => !takenProcesses.has(pid) && !fresh.has(pid))
    .filter((process) => !isServer(process) || !scene.log.has(process.pid))
    .flatMap((process) => {
      const spokenAgainst = against.get(process.pid);
      const isFree = (id: string) => !takenSessions.has(id) && spokenAgainst?.has(id) !== true;
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
