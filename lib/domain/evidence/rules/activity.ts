import type { OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { LogFacts } from '../log-facts.ts';
import type { Evidence } from '../match.ts';
import { paneTitle } from '../pane-title.ts';
import { piece } from '../piece.ts';

/** How often a process alone was at work when a session changed, and how often it was not. */
interface Coincidence {
  readonly hits: number;
  readonly misses: number;
  readonly lastHitAtMs: number;
}

/** What was seen so far of who is at work when which session changes. Values only: safe to keep and to copy. */
export interface ActivityMemory {
  readonly sessionActiveAtMs: ReadonlyMap<string, number>;
  readonly processSigns: ReadonlyMap<number, string>;
  /** Processes at work in the last look: rows and log lines of one step may fall into two looks. */
  readonly busyBefore: ReadonlySet<number>;
  /** TUIs whose terminal bore a session's title at some time. */
  readonly titled: ReadonlySet<number>;
  readonly coincidences: ReadonlyMap<number, ReadonlyMap<string, Coincidence>>;
}

/** A memory of nothing. */
export const noActivity: ActivityMemory = {
  sessionActiveAtMs: new Map(),
  processSigns: new Map(),
  busyBefore: new Set(),
  titled: new Set(),
  coincidences: new Map(),
};

/** An idle TUI paints its animation with 1 to 10 % (opencode.md, "CPU and memory"): well above, it works. */
const busyCpuPercent = 25;
/** Sessions remembered for each process; the ones with the fewest hits go first. */
const sessionsPerProcess = 8;

/** One look more: gives the memory with what changed since the last one. */
export function rememberActivity(
  memory: ActivityMemory,
  look: {
    readonly processes: readonly OpencodeProcess[];
    readonly sessions: ReadonlyMap<string, Session>;
    readonly log: ReadonlyMap<number, LogFacts>;
    readonly nowMs: number;
  },
): ActivityMemory {
  const sessionActiveAtMs = new Map([...look.sessions].map(([id, session]) => [id, lastActiveAtMs(session)]));
  const processSigns = new Map(
    look.processes.map((process) => [process.pid, signOf(process, look.log.get(process.pid))]),
  );
  const busy = new Set(
    look.processes.filter((process) => isBusy(memory, process, processSigns)).map(({ pid }) => pid),
  );
  const changed = [...look.sessions.values()].filter((session) => hasChanged(memory, session));
  const coincidences = new Map<number, ReadonlyMap<string, Coincidence>>();
  for (const { pid } of look.processes) coincidences.set(pid, memory.coincidences.get(pid) ?? new Map());
  for (const session of changed) {
    const near = look.processes.filter((process) => couldRun(process, session));
    const workers = near.filter(({ pid }) => busy.has(pid) || memory.busyBefore.has(pid));
    // Two at work, or none that is seen to be: this change tells nothing.
    if (workers.length !== 1) continue;
    for (const { pid } of near) {
      const seen = coincidences.get(pid) ?? new Map();
      coincidences.set(pid, counted(seen, session.id, pid === workers[0]?.pid, look.nowMs));
    }
  }
  const titled = look.processes.filter(
    (each) => memory.titled.has(each.pid) || showsSession(each, look.nowMs),
  );
  return {
    sessionActiveAtMs,
    processSigns,
    busyBefore: busy,
    titled: new Set(titled.map(({ pid }) => pid)),
    coincidences,
  };
}

/** What of a scene this evidence is made from. */
interface ActivityScene {
  readonly activity: ActivityMemory;
  /** What the logs say, by process. */
  readonly log: ReadonlyMap<number, LogFacts>;
  rootOf(sessionId: string): string;
}

/** The sessions that changed when this process alone was at work. */
export function activityEvidence(scene: ActivityScene, process: OpencodeProcess): Evidence[] {
  const facts = scene.log.get(process.pid);
  // Its log names every session it ever worked on: what changed beside these was somebody else's work.
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

/** When a session last changed in the database, the start of the epoch where nothing says. */
export function lastActiveAtMs(session: Session): number {
  return session.activeAtMs ?? session.updatedAtMs ?? session.createdAtMs ?? 0;
}

function showsSession(process: OpencodeProcess, nowMs: number): boolean {
  return paneTitle(process, nowMs).kind === 'session';
}

/** Changes with every line it logs and every child it starts. */
function signOf(process: OpencodeProcess, facts: LogFacts | undefined): string {
  const positions = process.logs.map(({ positionBytes }) => positionBytes ?? 0);
  const children = process.children.map(({ pid }) => pid).sort((left, right) => left - right);
  return `${positions.join()} ${children.join()} ${facts?.lastLineAtMs ?? ''}`;
}

function isBusy(
  memory: ActivityMemory,
  process: OpencodeProcess,
  signs: ReadonlyMap<number, string>,
): boolean {
  const before = memory.processSigns.get(process.pid);
  if (before === undefined) return false;
  return before !== signs.get(process.pid) || (process.cpuPercent ?? 0) >= busyCpuPercent;
}

function hasChanged(memory: ActivityMemory, session: Session): boolean {
  const before = memory.sessionActiveAtMs.get(session.id);
  return before !== undefined && lastActiveAtMs(session) > before;
}

/** A server may run a session of any directory; every other process one of its own. */
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
  return new Map(all.toSorted((left, right) => right[1].hits - left[1].hits).slice(0, sessionsPerProcess));
}
