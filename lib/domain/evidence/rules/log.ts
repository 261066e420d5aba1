import { isServer, type OpencodeProcess } from '../../process/process.ts';
import type { Evidence } from '../match.ts';
import type { NamedRoot } from '../named-roots.ts';
import { logTime, piece } from '../piece.ts';
import type { Scene } from '../scene.ts';

/** The processes that run the sessions, by the logs. */
export interface LogRunners {
  /** The newest root session of each process, by pid. */
  readonly newest: ReadonlyMap<number, NamedRoot>;
  /** The process that prompted each session last, by session id. */
  readonly runnerOf: ReadonlyMap<string, { readonly pid: number; readonly atMs: number }>;
}

/**
 * Finds the process that prompted each session last: a session that a second process took over belongs to the second.
 * All sessions of a server count, but only the newest session of any other process.
 */
export function logRunners(scene: Scene): LogRunners {
  const newest = new Map<number, NamedRoot>();
  const runnerOf = new Map<string, { pid: number; atMs: number }>();
  for (const process of scene.processes) {
    const facts = scene.log.get(process.pid);
    if (facts === undefined) continue;
    const roots = scene.rootsNamedBy(process);
    const last = roots.at(-1);
    if (last !== undefined) newest.set(process.pid, last);
    const { pid } = process;
    for (const { sessionId, promptedAtMs, createdAtMs } of isServer(process) ? roots : roots.slice(-1)) {
      const atMs = promptedAtMs ?? createdAtMs;
      const known = runnerOf.get(sessionId);
      // A process that only opened the session does not run it.
      if (atMs === undefined) continue;
      const isLater = known === undefined || atMs > known.atMs || (atMs === known.atMs && pid > known.pid);
      if (isLater) runnerOf.set(sessionId, { pid, atMs });
    }
  }
  return { newest, runnerOf };
}

/** The maximum number of guesses per process, in a log that several processes write. */
const maxGuessesEach = 4;

/** Guesses for the newest sessions of a shared log: each belongs to this process or to another writer. */
function sharedEvidence(
  pid: number,
  roots: readonly NamedRoot[],
  run: string,
  others: readonly number[],
): Evidence[] {
  const newest = roots.slice(-maxGuessesEach * (others.length + 1)).toReversed();
  return newest.map(({ sessionId, atMs, how }, rank) => {
    const why = `log ${run} ${how} it at ${logTime(atMs)}, but pid ${others.join(', ')} writes the same log`;
    return piece('log', pid, sessionId, { confidence: 'guess', strength: 0.6 - rank / 100, atMs, why });
  });
}

/** The number of the newest sessions of one log that give evidence. */
const maxSessions = 3;

/** Evidence from the log of a process that runs one session at a time: it has the newest root session. */
export function logEvidence(scene: Scene, process: OpencodeProcess, runners: LogRunners): Evidence[] {
  const facts = scene.log.get(process.pid);
  if (facts === undefined) return [];
  const { pid } = process;
  const roots = scene.rootsNamedBy(process);
  if (facts.sharedWith !== undefined) return sharedEvidence(pid, roots, facts.run, facts.sharedWith);
  return roots.slice(-maxSessions).map(({ sessionId, atMs, how }, index, list) => {
    const said = `log ${facts.run} ${how} it at ${logTime(atMs)}`;
    if (index < list.length - 1) {
      return piece('log', pid, sessionId, {
        confidence: 'guess',
        strength: 0,
        atMs,
        why: `${said}, and another one since`,
      });
    }
    const runner = runners.runnerOf.get(sessionId);
    if (runner !== undefined && runner.pid !== pid) {
      const why = `${said}, but pid ${runner.pid} prompted it at ${logTime(runner.atMs)}`;
      return piece('log', pid, sessionId, { confidence: 'guess', strength: -0.9, atMs: runner.atMs, why });
    }
    if (facts.exact)
      return piece('log', pid, sessionId, { confidence: 'certain', strength: 0.9, atMs, why: said });
    const why = `${said}; the run was told from its start time`;
    return piece('log', pid, sessionId, { confidence: 'likely', strength: 0.8, atMs, why });
  });
}
