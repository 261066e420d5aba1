import { isServer, type OpencodeProcess } from '../../process/process.ts';
import type { Marker } from '../marker.ts';
import type { Evidence } from '../match.ts';
import { clockTime, piece } from '../piece.ts';
import type { Scene } from '../scene.ts';

/** The ready-made pieces (of otop's plugin, of servers' APIs) of one process, a subagent's turned to its root. */
export function readyEvidence(scene: Scene, process: OpencodeProcess): Evidence[] {
  return scene
    .toldOf(process)
    .map((evidence) => ({ ...evidence, sessionId: scene.rootOf(evidence.sessionId) }));
}

/** A process and what the plugin says from inside of it. */
export interface Marked {
  readonly process: OpencodeProcess;
  readonly marker: Marker;
}

/** How many sessions of one process are worth a word: the newest and those before it. */
const mentioned = 3;

interface Turn {
  readonly sessionId: string;
  readonly atMs: number;
  /** It is at work, or one of its subagents is. */
  readonly works: boolean;
}

/**
 * What the plugin says of who runs what. A server runs all the sessions that it prompted; any other process the one that
 * was prompted last and those that it still works on, and of two processes that had the same session it is the later
 * one's.
 */
export function markerEvidence(marked: readonly Marked[]): Evidence[] {
  const turns = new Map(marked.map(({ process, marker }) => [process, rootTurns(marker)]));
  const runners = runnersOf(turns);
  return [...turns].flatMap(([process, roots]) => {
    const isTold = ({ works }: Turn, index: number) => index < mentioned || works || isServer(process);
    return roots
      .filter(isTold)
      .map((turn, index) => evidenceOf(process, turn, runners, index === 0 || isServer(process)));
  });
}

function evidenceOf(
  { pid }: OpencodeProcess,
  { sessionId, atMs, works }: Turn,
  runners: ReadonlyMap<string, { readonly pid: number; readonly atMs: number }>,
  isNewest: boolean,
): Evidence {
  const runner = runners.get(sessionId);
  const said = `otop's plugin saw it prompted at ${clockTime(atMs)}`;
  if (!isNewest && !works) {
    const why = `${said}, and another one since`;
    return piece('marker', pid, sessionId, { confidence: 'guess', strength: 0, atMs, why });
  }
  if (runner !== undefined && runner.pid !== pid) {
    const why = `${said}, but in pid ${runner.pid} at ${clockTime(runner.atMs)}`;
    return piece('marker', pid, sessionId, { confidence: 'guess', strength: -0.9, atMs: runner.atMs, why });
  }
  const why = isNewest ? said : `${said}, and sees it at work still`;
  return piece('marker', pid, sessionId, { confidence: 'certain', strength: 1, atMs, why });
}

/** Of each session the process that had it as its newest and prompted it last. */
function runnersOf(turns: ReadonlyMap<OpencodeProcess, readonly Turn[]>) {
  const runners = new Map<string, { pid: number; atMs: number }>();
  for (const [process, roots] of turns) {
    for (const { sessionId, atMs } of isServer(process) ? roots : roots.slice(0, 1)) {
      const known = runners.get(sessionId);
      const isLater =
        known === undefined || atMs > known.atMs || (atMs === known.atMs && process.pid > known.pid);
      if (isLater) runners.set(sessionId, { pid: process.pid, atMs });
    }
  }
  return runners;
}

/**
 * The root sessions of a marker, the one prompted last first. A subagent's turn counts for its root only where the root
 * had none: else a subagent that still works would make its root newer than a later prompt.
 */
function rootTurns({ sessions }: Marker): Turn[] {
  const parents = new Map(
    sessions.flatMap(({ id, parentId }) => (parentId === undefined ? [] : [[id, parentId]])),
  );
  const own = new Map<string, number>();
  const bySubagent = new Map<string, number>();
  const working = new Set<string>();
  for (const { id, turnAtMs, status } of sessions) {
    const root = rootIn(parents, id);
    if (status.asks.length > 0 || (status.activity ?? idle).kind !== 'idle') working.add(root);
    if (turnAtMs === undefined) continue;
    const times = root === id ? own : bySubagent;
    times.set(root, Math.max(turnAtMs, times.get(root) ?? 0));
  }
  return [...new Map([...bySubagent, ...own])]
    .map(([sessionId, atMs]) => ({ sessionId, atMs, works: working.has(sessionId) }))
    .sort((left, right) => right.atMs - left.atMs || (left.sessionId < right.sessionId ? -1 : 1));
}

const idle = { kind: 'idle' } as const;

function rootIn(parents: ReadonlyMap<string, string>, sessionId: string): string {
  let root = sessionId;
  // Bounded, since a file can hold anything, a circle too.
  for (let depth = 0; depth < 20; depth++) root = parents.get(root) ?? root;
  return root;
}
