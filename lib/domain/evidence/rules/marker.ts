import { isServer, type OpencodeProcess } from '../../process/process.ts';
import type { Marker } from '../marker.ts';
import type { Evidence } from '../match.ts';
import { logTime, piece } from '../piece.ts';
import type { Scene } from '../scene.ts';

/** The reported evidence (from otop's plugin and servers' APIs) of one process; a subagent counts for its root. */
export function reportedEvidence(scene: Scene, process: OpencodeProcess): Evidence[] {
  return scene
    .reportedOf(process)
    .map((evidence) => ({ ...evidence, sessionId: scene.rootOf(evidence.sessionId) }));
}

/** A process and the marker of the plugin inside it. */
export interface Marked {
  readonly process: OpencodeProcess;
  readonly marker: Marker;
}

/** The number of the newest sessions of one process that give evidence. */
const maxSessions = 3;

interface Turn {
  readonly sessionId: string;
  readonly atMs: number;
  /** True if the session or one of its subagents works. */
  readonly isWorking: boolean;
}

/**
 * The evidence from the plugin's markers. A server runs all sessions that it prompted; any other process runs the last
 * prompted session and those that it still works on. If two processes had the same session, the later one runs it.
 */
export function markerEvidence(marked: readonly Marked[]): Evidence[] {
  const turns = new Map(marked.map(({ process, marker }) => [process, rootTurns(marker)]));
  const runners = runnersOf(turns);
  return [...turns].flatMap(([process, roots]) => {
    const isRelevant = ({ isWorking }: Turn, index: number) =>
      index < maxSessions || isWorking || isServer(process);
    return roots
      .filter(isRelevant)
      .map((turn, index) => evidenceOf(process, turn, runners, index === 0 || isServer(process)));
  });
}

function evidenceOf(
  { pid }: OpencodeProcess,
  { sessionId, atMs, isWorking }: Turn,
  runners: ReadonlyMap<string, { readonly pid: number; readonly atMs: number }>,
  isNewest: boolean,
): Evidence {
  const runner = runners.get(sessionId);
  const said = `otop's plugin saw it prompted at ${logTime(atMs)}`;
  if (!isNewest && !isWorking) {
    const why = `${said}, and another one since`;
    return piece('marker', pid, sessionId, { confidence: 'guess', strength: 0, atMs, why });
  }
  if (runner !== undefined && runner.pid !== pid) {
    const why = `${said}, but in pid ${runner.pid} at ${logTime(runner.atMs)}`;
    return piece('marker', pid, sessionId, { confidence: 'guess', strength: -0.9, atMs: runner.atMs, why });
  }
  const why = isNewest ? said : `${said}, and sees it at work still`;
  return piece('marker', pid, sessionId, { confidence: 'certain', strength: 1, atMs, why });
}

/** The process of each session: the one that prompted it last, and has it as its newest unless it is a server. */
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
 * The root sessions of a marker, the last prompted one first. A subagent's turn counts for its root only if the root has
 * no own turn: otherwise a working subagent would make its root newer than a later prompt of another session.
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
    .map(([sessionId, atMs]) => ({ sessionId, atMs, isWorking: working.has(sessionId) }))
    .sort((left, right) => right.atMs - left.atMs || (left.sessionId < right.sessionId ? -1 : 1));
}

const idle = { kind: 'idle' } as const;

function rootIn(parents: ReadonlyMap<string, string>, sessionId: string): string {
  let root = sessionId;
  // Bounded, since a file can hold a cycle.
  for (let depth = 0; depth < 20; depth++) root = parents.get(root) ?? root;
  return root;
}
