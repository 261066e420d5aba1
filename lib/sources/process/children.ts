import type { ChildProcess } from '../../domain/process.ts';
import { sanitize } from '../../text/sanitize.ts';
import type { Census } from './census.ts';
import type { Proc } from './proc.ts';
import type { ProcStat } from './proc-stat.ts';

const maxCommandCells = 200;

/** The running children of opencode processes; a command line is read once, or while its process is young. */
export class Children {
  readonly #proc: Proc;
  readonly #census: Census;
  #commands = new Map<string, ChildProcess['command']>();

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
    const candidates = this.#census.all().filter(({ parentPid }) => parents.has(parentPid));
    for (const { pid } of candidates.sort((a, b) => a.startTicks - b.startTicks)) {
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

  #command({ pid, name }: ProcStat): ChildProcess['command'] {
    const argv = this.#proc.argv(pid);
    const words = argv.kind === 'read' && argv.value.length > 0 ? argv.value.join(' ') : `[${name}]`;
    return sanitize(words.slice(0, 10 * maxCommandCells), maxCommandCells);
  }
}
