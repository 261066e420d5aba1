import type { Proc } from './proc.ts';
import { isDead, type ProcStat } from './proc-stat.ts';

/** A process that opens its files, changes its directory or becomes another program does so in its first seconds. */
const youthMs = 15_000;

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
  #entries = new Map<number, Entry>();
  #taken = false;

  constructor(proc: Proc) {
    this.#proc = proc;
    this.#youthTicks = (youthMs / 1000) * proc.units().ticksPerSecond;
  }

  /** Takes the numbers anew, reads every new and young process, with `full` all of them. Throws where `/proc` cannot be listed. */
  take(look: 'full' | 'known', monotonicMs: number): void {
    const entries = new Map<number, Entry>();
    for (const pid of this.#proc.pids()) {
      const before = this.#entries.get(pid);
      const readAgain = look === 'full' || before === undefined || before.youngUntilMs > monotonicMs;
      const stat = readAgain ? this.#proc.stat(pid) : before.stat;
      if (stat) entries.set(pid, { stat, youngUntilMs: this.#youngUntilMs(before, stat, monotonicMs) });
    }
    this.#entries = this.#taken ? entries : firstYouth(entries, this.#youthTicks, monotonicMs);
    this.#taken = true;
  }

  #youngUntilMs(before: Entry | undefined, stat: ProcStat, monotonicMs: number): number {
    return before?.stat.startTicks === stat.startTicks ? before.youngUntilMs : monotonicMs + youthMs;
  }

  /** The process as it is this moment, also where the last `take` passed it over; undefined once it is gone or a zombie. */
  refresh(pid: number): ProcStat | undefined {
    const entry = this.#entries.get(pid);
    const stat = this.#proc.stat(pid);
    if (!entry || !stat || isDead(stat)) return undefined;
    this.#entries.set(pid, { ...entry, stat });
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
