import type { Proc } from './proc.ts';
import { isDead, type ProcStat } from './proc-stat.ts';

/** A process that opens its files, changes its directory or becomes another program does so in its first seconds. */
const youthMs = 15_000;

/** So soon after its start the kernel has made the threads that stay. */
const bootSeconds = 5;

interface Entry {
  readonly stat: ProcStat;
  readonly youngUntilMs: number;
}

/**
 * Every process of the machine by its number, kept from look to look, so that a look reads only what is new.
 * A shell forks and then becomes opencode (`exec`) under the same number: the young are read again at every look.
 */
export class Census {
  readonly #proc: Proc;
  readonly #youthTicks: number;
  readonly #bootTicks: number;
  #entries = new Map<number, Entry>();
  #pids: readonly number[] = [];
  /** Until then some process is young. */
  #youngUntilMs = Number.POSITIVE_INFINITY;
  #taken = false;
  #version = 0;

  constructor(proc: Proc) {
    this.#proc = proc;
    const { ticksPerSecond } = proc.units();
    this.#youthTicks = (youthMs / 1000) * ticksPerSecond;
    this.#bootTicks = bootSeconds * ticksPerSecond;
  }

  /** Takes the numbers anew, reads every new and young process, with `full` all of them. Throws where `/proc` cannot be listed. */
  take(look: 'full' | 'known', monotonicMs: number): void {
    const pids = this.#proc.pids();
    const isKnown = look === 'known' && monotonicMs >= this.#youngUntilMs && isSame(pids, this.#pids);
    if (isKnown) return;
    const entries = new Map<number, Entry>();
    for (const pid of pids) {
      const before = this.#entries.get(pid);
      const entry = this.#isKept(before, look, monotonicMs) ? before : this.#read(pid, before, monotonicMs);
      if (entry !== undefined) entries.set(pid, entry);
    }
    this.#entries = this.#taken ? entries : firstYouth(entries, this.#youthTicks, monotonicMs);
    this.#taken = true;
    this.#pids = pids;
    this.#youngUntilMs = 0;
    for (const { youngUntilMs } of this.#entries.values())
      if (youngUntilMs > this.#youngUntilMs) this.#youngUntilMs = youngUntilMs;
    this.#version += 1;
  }

  /** Another number after each look that found any process come, gone, or other than before. */
  get version(): number {
    return this.#version;
  }

  #isKept(before: Entry | undefined, look: 'full' | 'known', monotonicMs: number): boolean {
    if (before === undefined || before.youngUntilMs > monotonicMs) return false;
    return look === 'known' || this.#isOfBoot(before.stat);
  }

  /** A thread that the kernel (kthreadd, 2) started with itself: without memory of its own, it never ends nor becomes a program. */
  #isOfBoot({ parentPid, rssPages, startTicks }: ProcStat): boolean {
    return parentPid === 2 && rssPages === 0 && startTicks < this.#bootTicks;
  }

  #read(pid: number, before: Entry | undefined, monotonicMs: number): Entry | undefined {
    const stat = this.#proc.stat(pid);
    if (stat === undefined) return undefined;
    const isSameProcess = before?.stat.startTicks === stat.startTicks;
    return { stat, youngUntilMs: isSameProcess ? before.youngUntilMs : monotonicMs + youthMs };
  }

  /** The process as it is this moment, also where the last `take` passed it over; undefined once it is gone or a zombie. */
  refresh(pid: number): ProcStat | undefined {
    const entry = this.#entries.get(pid);
    const stat = this.#proc.stat(pid);
    if (!entry || !stat || isDead(stat)) return undefined;
    this.#entries.set(pid, { ...entry, stat });
    const { name, parentPid, startTicks } = entry.stat;
    const isOther = stat.name !== name || stat.parentPid !== parentPid || stat.startTicks !== startTicks;
    if (isOther) this.#version += 1;
    return stat;
  }

  isYoung(pid: number, monotonicMs: number): boolean {
    return (this.#entries.get(pid)?.youngUntilMs ?? 0) > monotonicMs;
  }

  /** How long ago it was first seen under this start time; the first look's elders count as seen a youth before. */
  knownForMs(pid: number, monotonicMs: number): number {
    return monotonicMs - (this.#entries.get(pid)?.youngUntilMs ?? monotonicMs) + youthMs;
  }

  all(): ProcStat[] {
    return [...this.#entries.values()].map(({ stat }) => stat);
  }

  get(pid: number): ProcStat | undefined {
    return this.#entries.get(pid)?.stat;
  }
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((pid, at) => pid === other[at]);
}

/** At the first look all are new; only those are young that started shortly before the youngest, which is otop or close to it. */
function firstYouth(
  entries: ReadonlyMap<number, Entry>,
  youthTicks: number,
  monotonicMs: number,
): Map<number, Entry> {
  let newest = 0;
  for (const { stat } of entries.values()) newest = Math.max(newest, stat.startTicks);
  const aged = new Map<number, Entry>();
  for (const [pid, { stat, youngUntilMs }] of entries) {
    const young = newest - stat.startTicks < youthTicks;
    aged.set(pid, { stat, youngUntilMs: young ? youngUntilMs : monotonicMs });
  }
  return aged;
}
