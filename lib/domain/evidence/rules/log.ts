import { isServer, type OpencodeProcess } from '../../process/process.ts';
import type { Evidence } from '../match.ts';
import type { NamedRoot } from '../named-roots.ts';
import { clockTime, piece } from '../piece.ts';
import type { Scene } from '../scene.ts';

/** Of each session, the process whose log prompted it last and has it as its newest. */
export interface LogRunners {
  readonly newest: ReadonlyMap<number, NamedRoot>;
  readonly runnerOf: ReadonlyMap<string, { readonly pid: number; readonly atMs: number }>;
}

/**
 * Finds who prompted what last: a session taken over by a second process belongs to that one. A server counts with
 * all of its sessions, any other process with the one it is at.
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
      // Who only opened it looks on.
      if (atMs === undefined) continue;
      const isLater = known === undefined || atMs > known.atMs || (atMs === known.atMs && pid > known.pid);
      if (isLater) runnerOf.set(sessionId, { pid, atMs });
    }
  }
  return { newest, runnerOf };
}

/** How many sessions of a log that several processes write are worth a guess, for each of them. */
const guessedEach = 4;

/** Each of the newest sessions may be this process's, or that of another one that writes the same log. */
function sharedEvidence(
  pid: number,
  roots: readonly NamedRoot[],
  run: string,
  others: readonly number[],
): Evidence[] {
  const newest = roots.slice(-guessedEach * (others.length + 1)).toReversed();
  return newest.map(({ sessionId, atMs, how }, rank) => {
    const why = `log ${run} ${verb[how]} it at ${clockTime(atMs)}, but pid ${others.join(', ')} writes the same log`;
    return piece('log', pid, sessionId, { confidence: 'guess', strength: 0.6 - rank / 100, atMs, why });
  });
}

/** How many sessions of one log are worth a word: the newest and those before it. */
const mentioned = 3;

const verb = { created: 'created', prompted: 'prompted', opened: 'opened' } as const;

/** What the log of a process that runs one session at a time says: the newest root session is its own. */
export function logEvidence(scene: Scene, process: OpencodeProcess, runners: LogRunners): Evidence[] {
  const facts = scene.log.get(process.pid);
  if (facts === undefined) return [];
  const { pid } = process;
  const roots = scene.rootsNamedBy(process);
  if (facts.sharedWith !== undefined) return sharedEvidence(pid, roots, facts.run, facts.sharedWith);
  return roots.slice(-mentioned).map(({ sessionId, atMs, how }, index, list) => {
    const said = `log ${facts.run} ${verb[how]} it at ${clockTime(atMs)}`;
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
      const why = `${said}, but pid ${runner.pid} prompted it at ${clockTime(runner.atMs)}`;
      return piece('log', pid, sessionId, { confidence: 'guess', strength: -0.9, atMs: runner.atMs, why });
    }
    if (facts.exact)
      return piece('log', pid, sessionId, { confidence: 'certain', strength: 0.9, atMs, why: said });
    const why = `${said}; the run was told from its start time`;
    return piece('log', pid, sessionId, { confidence: 'likely', strength: 0.8, atMs, why });
  });
}
