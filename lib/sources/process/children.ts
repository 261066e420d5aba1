import type { ChildProcess } from '../../domain/process/process.ts';
import { sanitize } from '../../text/sanitize.ts';
import type { Proc } from './proc.ts';
import type { ProcFsTable } from './proc-fs-table.ts';
import type { ProcStat } from './proc-stat.ts';

const maxCommandCells = 200;

/** Finds the running children of opencode processes. A command line is read once, but again while its process is young. */
export class Children {
  readonly #proc: Proc;
  readonly #table: ProcFsTable;
  #commands = new Map<string, ChildProcess['command']>();
  #cached = { changeCount: -1, parents: new Set<number>(), pids: [] as readonly number[] };

  constructor(proc: Proc, table: ProcFsTable) {
    this.#proc = proc;
    this.#table = table;
  }

  /** The children by parent pid, in the order of their start. Each one is read again, so that ended ones are left out. */
  of(
    parents: ReadonlySet<number>,
    bootedAtMs: number | undefined,
    monotonicMs: number,
  ): ReadonlyMap<number, readonly ChildProcess[]> {
    const msPerTick = 1000 / this.#proc.units().ticksPerSecond;
    const commands = new Map<string, ChildProcess['command']>();
    const children = new Map<number, ChildProcess[]>();
    for (const pid of this.#candidates(parents)) {
      const stat = this.#table.reread(pid);
      if (!stat || !parents.has(stat.parentPid)) continue;
      const key = `${pid}:${stat.startTicks}:${stat.name}`;
      const known = this.#table.isYoung(pid, monotonicMs) ? undefined : this.#commands.get(key);
      const command = known ?? this.#command(stat);
      commands.set(key, command);
      const startedAtMs =
        bootedAtMs === undefined ? undefined : Math.round(bootedAtMs + stat.startTicks * msPerTick);
      const siblings = children.get(stat.parentPid) ?? [];
      siblings.push({ pid, command, ...(startedAtMs === undefined ? {} : { startedAtMs }) });
      children.set(stat.parentPid, siblings);
    }
    this.#commands = commands;
    return children;
  }

  /** The pids of possible children, in the order of their start; cached while the table and the parents are the same. */
  #candidates(parents: ReadonlySet<number>): readonly number[] {
    const { changeCount } = this.#table;
    const cached = this.#cached;
    const isSame = cached.changeCount === changeCount && cached.parents.size === parents.size;
    if (isSame && [...parents].every((pid) => cached.parents.has(pid))) return cached.pids;
    const pids = this.#table
      .all()
      .filter(({ parentPid }) => parents.has(parentPid))
      .sort((a, b) => a.startTicks - b.startTicks)
      .map(({ pid }) => pid);
    this.#cached = { changeCount, parents: new Set(parents), pids };
    return pids;
  }

  #command({ pid, name }: ProcStat): ChildProcess['command'] {
    const argv = this.#proc.argv(pid);
    const words = argv.kind === 'read' && argv.value.length > 0 ? argv.value.join(' ') : `[${name}]`;
    return sanitize(words.slice(0, 10 * maxCommandCells), maxCommandCells);
  }
}
