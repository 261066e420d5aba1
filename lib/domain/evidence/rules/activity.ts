import type { OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { LogFacts } from '../log-facts.ts';
import type { Evidence } from '../match.ts';
import { paneTitle } from '../pane-title.ts';
import { piece } from '../piece.ts';

/** The changes of a session while only one process worked: `hits` if it was this process, `misses` if another. */
interface Coincidence {
  readonly hits: number;
  readonly misses: number;
  readonly lastHitAtMs: number;
}

/** The observed coincidences of working processes and changed sessions. Immutable, so safe to store and to copy. */
export interface ActivityMemory {
  readonly sessionActiveAtMs: ReadonlyMap<string, number>;
  readonly fingerprints: ReadonlyMap<number, string>;
  /** Processes that worked at the last poll: rows and log lines of one step can fall into two polls. */
  readonly busyBefore: ReadonlySet<number>;
  /** TUIs whose terminal ever had a session's title. */
  readonly titled: ReadonlySet<number>;
  readonly coincidences: ReadonlyMap<number, ReadonlyMap<string, Coincidence>>;
}

/** The empty memory, before the first poll. */
export const noActivity: ActivityMemory = {
  sessionActiveAtMs: new Map(),
  fingerprints: new Map(),
  busyBefore: new Set(),
  titled: new Set(),
  coincidences: new Map(),
};

/** The animation of an idle TUI uses 1 to 10 % CPU (opencode.md, "CPU and memory"); far above that it works. */
const busyCpuPercent = 25;
/** The maximum number of sessions per process; those with the fewest hits are evicted. */
const maxSessionsPerProcess = 8;

/** The memory after one more poll, with the changes since the last one. */
export function rememberActivity(
  memory: ActivityMemory,
  poll: {
    readonly processes: readonly OpencodeProcess[];
    readonly sessions: ReadonlyMap<string, Session>;
    readonly log: ReadonlyMap<number, LogFacts>;
    readonly nowMs: number;
  },
): ActivityMemory {
  const sessionActiveAtMs = new Map([...poll.sessions].map(([id, session]) => [id, lastActiveAtMs(session)]));
  const fingerprints = new Map(
    poll.processes.map((process) => [process.pid, fingerprintOf(process, poll.log.get(process.pid))]),
  );
  const busy = new Set(
    poll.processes.filter((process) => wasBusy(memory, process, fingerprints)).map(({ pid }) => pid),
  );
  const changed = [...poll.sessions.values()].filter((session) => hasChanged(memory, session));
  const coincidences = new Map<number, ReadonlyMap<string, Coincidence>>();
  for (const { pid } of poll.processes) coincidences.set(pid, memory.coincidences.get(pid) ?? new Map());
  for (const session of changed) {
    const possible = poll.processes.filter((process) => couldRun(process, session));
    const workers = possible.filter(({ pid }) => busy.has(pid) || memory.busyBefore.has(pid));
    // With two working processes, or none, the change proves nothing.
    if (workers.length !== 1) continue;
    for (const { pid } of possible) {
      const seen = coincidences.get(pid) ?? new Map();
      coincidences.set(pid, counted(seen, session.id, pid === workers[0]?.pid, poll.nowMs));
    }
  }
  const titled = poll.processes.filter(
    (each) => memory.titled.has(each.pid) || showsSession(each, poll.nowMs),
  );
  return {
    sessionActiveAtMs,
    fingerprints,
    busyBefore: busy,
    titled: new Set(titled.map(({ pid }) => pid)),
    coincidences,
  };
}

/** The part of a scene that this evidence needs. */
interface ActivityScene {
  readonly activity: ActivityMemory;
  /** The facts from the logs, by process. */
  readonly log: ReadonlyMap<number, LogFacts>;
  rootOf(sessionId: string): string;
}

/** Evidence for the sessions that changed while only this process worked; empty if its log is complete. */
export function activityEvidence(scene: ActivityScene, process: OpencodeProcess): Evidence[] {
  const facts = scene.log.get(process.pid);
  // A complete log names all sessions of the process; all other changes come from other processes.
  if (facts?.exact === true && facts.complete === true) return [];
  const seen = scene.activity.coincidences.get(process.pid) ?? new Map<string, Coincidence>();
  const byRoot = new Map<string, Coincidence>();
  for (const [id, coincidence] of seen) {
    const root = scene.rootOf(id);
    const known = byRoot.get(root) ?? { hits: 0, misses: 0, lastHitAtMs: 0 };
    byRoot.set(root, {
      hits: known.hits + coincidence.hits,
      misses: known.misses + coincidence.misses,
      lastHitAtMs: Math.max(known.lastHitAtMs, coincidence.lastHitAtMs),
    });
  }
  return [...byRoot].flatMap(([sessionId, { hits, misses, lastHitAtMs }]) => {
    if (hits < 2 || hits <= misses * 2) return [];
    const confidence = hits >= 4 && misses === 0 ? 'likely' : 'guess';
    const why = `it alone was at work ${hits} times when the session changed${misses > 0 ? `, and idle ${misses} times` : ''}`;
    return [
      piece('activity', process.pid, sessionId, {
        confidence,
        strength: Math.min(0.7, hits / (hits + 3)),
        atMs: lastHitAtMs,
        why,
      }),
    ];
  });
}

/** The time of a session's last change in the database, in milliseconds; 0 if unknown. */
export function lastActiveAtMs(session: Session): number {
  return session.activeAtMs ?? session.updatedAtMs ?? session.createdAtMs ?? 0;
}

function showsSession(process: OpencodeProcess, nowMs: number): boolean {
  return paneTitle(process, nowMs).kind === 'session';
}

/** A text that changes with each log line and each child process. */
function fingerprintOf(process: OpencodeProcess, facts: LogFacts | undefined): string {
  const positions = process.logs.map(({ positionBytes }) => positionBytes ?? 0);
  const children = process.children.map(({ pid }) => pid).sort((left, right) => left - right);
  return `${positions.join()} ${children.join()} ${facts?.lastLineAtMs ?? ''}`;
}

/** True if the process worked since the last poll. */
function wasBusy(
  memory: ActivityMemory,
  process: OpencodeProcess,
  fingerprints: ReadonlyMap<number, string>,
): boolean {
  const before = memory.fingerprints.get(process.pid);
  if (before === undefined) return false;
  return before !== fingerprints.get(process.pid) || (process.cpuPercent ?? 0) >= busyCpuPercent;
}

function hasChanged(memory: ActivityMemory, session: Session): boolean {
  const before = memory.sessionActiveAtMs.get(session.id);
  return before !== undefined && lastActiveAtMs(session) > before;
}

/** A server can run a session of any directory, any other process only one of its own directory. */
function couldRun(process: OpencodeProcess, session: Session): boolean {
  if (process.kind === 'attach') return false;
  if (process.kind !== 'tui' && process.kind !== 'run') return true;
  return process.cwd === undefined || process.cwd === session.directoryPath;
}

function counted(
  seen: ReadonlyMap<string, Coincidence>,
  sessionId: string,
  isHit: boolean,
  nowMs: number,
): ReadonlyMap<string, Coincidence> {
  const before = seen.get(sessionId) ?? { hits: 0, misses: 0, lastHitAtMs: 0 };
  const after = isHit
    ? { ...before, hits: before.hits + 1, lastHitAtMs: nowMs }
    : { ...before, misses: before.misses + 1 };
  const all = [...seen].filter(([id]) => id !== sessionId).concat([[sessionId, after]]);
  return new Map(all.toSorted((left, right) => right[1].hits - left[1].hits).slice(0, maxSessionsPerProcess));
}
