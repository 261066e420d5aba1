import type { Proc } from './proc.ts';
import { isDead, type ProcStat } from './proc-stat.ts';

/** A young process may still open its files, change its directory or become another program. */
const youngMs = 15_000;

/** The kernel starts its permanent threads in the first seconds after boot. */
const bootSeconds = 5;

interface Entry {
  readonly stat: ProcStat;
  readonly youngUntilMs: number;
}

/**
 * The stat lines of all processes of the machine, stored between polls so that a poll reads only new ones. Young
 * processes are read again at each poll: a shell forks, and the child becomes opencode (`exec`) under the same pid.
 */
export class ProcFsTable {
  readonly #proc: Proc;
  readonly #youngTicks: number;
  readonly #bootTicks: number;
  #entries = new Map<number, Entry>();
  #pids: readonly number[] = [];
  /** Until this time at least one process is young. */
  #youngUntilMs = Number.POSITIVE_INFINITY;
  #hasUpdated = false;
  #changeCount = 0;

  constructor(proc: Proc) {
    this.#proc = proc;
    const { ticksPerSecond } = proc.units();
    this.#youngTicks = (youngMs / 1000) * ticksPerSecond;
    this.#bootTicks = bootSeconds * ticksPerSecond;
  }

  /**
   * Lists the pids and reads every new and young process; with scope `full` also the others, except kernel threads.
   * Throws if `/proc` cannot be listed.
   */
  update(scope: 'full' | 'known', monotonicMs: number): void {
    const pids = this.#proc.pids();
    const isUnchanged = scope === 'known' && monotonicMs >= this.#youngUntilMs && isSame(pids, this.#pids);
    if (isUnchanged) return;
    const entries = new Map<number, Entry>();
    for (const pid of pids) {
      const known = this.#entries.get(pid);
      const entry = this.#isReusable(known, scope, monotonicMs) ? known : this.#read(pid, known, monotonicMs);
      if (entry !== undefined) entries.set(pid, entry);
    }
    this.#entries = this.#hasUpdated ? entries : withInitialAges(entries, this.#youngTicks, monotonicMs);
    this.#hasUpdated = true;
    this.#pids = pids;
    this.#youngUntilMs = 0;
    for (const { youngUntilMs } of this.#entries.values())
      if (youngUntilMs > this.#youngUntilMs) this.#youngUntilMs = youngUntilMs;
    this.#changeCount += 1;
  }

  /** Grows whenever the table may have changed, so that values derived from it can be cached. */
  get changeCount(): number {
    return this.#changeCount;
  }

  #isReusable(known: Entry | undefined, scope: 'full' | 'known', monotonicMs: number): boolean {
    if (known === undefined || known.youngUntilMs > monotonicMs) return false;
    return scope === 'known' || this.#isKernelThread(known.stat);
  }

  /** True for a thread that kthreadd (pid 2) started at boot. It has no memory, never ends and never becomes a program. */
  #isKernelThread({ parentPid, rssPages, startTicks }: ProcStat): boolean {
    return parentPid === 2 && rssPages === 0 && startTicks < this.#bootTicks;
  }

  #read(pid: number, known: Entry | undefined, monotonicMs: number): Entry | undefined {
    const stat = this.#proc.stat(pid);
    if (stat === undefined) return undefined;
    const isSameProcess = known?.stat.startTicks === stat.startTicks;
    return { stat, youngUntilMs: isSameProcess ? known.youngUntilMs : monotonicMs + youngMs };
  }

  /** Reads a process of the table again, even if the last `update` did not; undefined if it has ended or is a zombie. */
  reread(pid: number): ProcStat | undefined {
    const entry = this.#entries.get(pid);
    const stat = this.#proc.stat(pid);
    if (!entry || !stat || isDead(stat)) return undefined;
    this.#entries.set(pid, { ...entry, stat });
    const { name, parentPid, startTicks } = entry.stat;
    const isChanged = stat.name !== name || stat.parentPid !== parentPid || stat.startTicks !== startTicks;
    if (isChanged) this.#changeCount += 1;
    return stat;
  }

  /** True if the process was first seen less than 15 s ago; false for an unknown pid. */
  isYoung(pid: number, monotonicMs: number): boolean {
    return (this.#entries.get(pid)?.youngUntilMs ?? 0) > monotonicMs;
  }

  /** The time in ms since the process was first seen. At the first update an old process counts as seen 15 s before. */
  seenForMs(pid: number, monotonicMs: number): number {
    return monotonicMs - (this.#entries.get(pid)?.youngUntilMs ?? monotonicMs) + youngMs;
  }

  /** The stat lines of all processes. */
  all(): ProcStat[] {
    return [...this.#entries.values()].map(({ stat }) => stat);
  }

  /** The stat line of a process, as it was last read; undefined for an unknown pid. */
  get(pid: number): ProcStat | undefined {
    return this.#entries.get(pid)?.stat;
  }
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((pid, at) => pid === other[at]);
}

/**
 * The entries of the first update, which sees all processes as new. Only those that started less than 15 s before the
 * newest one count as young; the newest one is otop or started with it.
 */
function withInitialAges(
  entries: ReadonlyMap<number, Entry>,
  youngTicks: number,
  monotonicMs: number,
): Map<number, Entry> {
  let newest = 0;
  for (const { stat } of entries.values()) newest = Math.max(newest, stat.startTicks);
  const result = new Map<number, Entry>();
  for (const [pid, { stat, youngUntilMs }] of entries) {
    const isYoung = newest - stat.startTicks < youngTicks;
    result.set(pid, { stat, youngUntilMs: isYoung ? youngUntilMs : monotonicMs });
  }
  return result;
}
