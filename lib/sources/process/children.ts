import type { ChildProcess } from '../../domain/process/process.ts';
import { sanitize } from '../../text/sanitize.ts';
import type { Proc } from './proc.ts';
import type { Census } from './proc-fs-table.ts';
import type { ProcStat } from './proc-stat.ts';

const maxCommandCells = 200;

/** The running children of opencode processes; a command line is read once, or while its process is young. */
export class Children {
  readonly #proc: Proc;
  readonly #census: Census;
  #commands = new Map<string, ChildProcess['command']>();
  #known = { version: -1, parents: new Set<number>(), pids: [] as readonly number[] };

  constructor(proc: Proc, census: Census) {
    this.#proc = proc;
    this.#census = census;
  }

  /** Children by parent, in the order of their start; each is read again, so that none is named that has ended. */
  of(
    parents: ReadonlySet<number>,
    bootedAtMs: number | undefined,
    monotonicMs: number,
  ): ReadonlyMap<number, readonly ChildProcess[]> {
    const msPerTick = 1000 / this.#proc.units().ticksPerSecond;
    const commands = new Map<string, ChildProcess['command']>();
    const children = new Map<number, ChildProcess[]>();
    for (const pid of this.#candidates(parents)) {
      const stat = this.#census.refresh(pid);
      if (!stat || !parents.has(stat.parentPid)) continue;
      const key = `${pid}:${stat.startTicks}:${stat.name}`;
      const known = this.#census.isYoung(pid, monotonicMs) ? undefined : this.#commands.get(key);
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

  /** By their start; looked for where any process is other than at the last look, or the parents are. */
  #candidates(parents: ReadonlySet<number>): readonly number[] {
    const { version } = this.#census;
    const known = this.#known;
    const isSame = known.version === version && known.parents.size === parents.size;
    if (isSame && [...parents].every((pid) => known.parents.has(pid))) return known.pids;
    const pids = this.#census
      .all()
      .filter(({ parentPid }) => parents.has(parentPid))
      .sort((a, b) => a.startTicks - b.startTicks)
      .map(({ pid }) => pid);
    this.#known = { version, parents: new Set(parents), pids };
    return pids;
  }

  #command({ pid, name }: ProcStat): ChildProcess['command'] {
    const argv = this.#proc.argv(pid);
    const words = argv.kind === 'read' && argv.value.length > 0 ? argv.value.join(' ') : `[${name}]`;
    return sanitize(words.slice(0, 10 * maxCommandCells), maxCommandCells);
  }
}
