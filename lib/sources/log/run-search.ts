import type { OpencodeProcess } from '../../domain/process/process.ts';
import { type OpenFile, sliceBytes } from './file-slices.ts';
import type { LogFile } from './log-file.ts';

/** How far back from its last line a process's session is searched, over all looks. */
const searchLimitBytes = 16 * sliceBytes;
/** A look reads at most this many slices backwards, over all processes of the file. */
const slicesPerLook = 4;
/** A TUI writes `creating instance` 1.5 to 4 s after its start, an `opencode run` within 1 s (opencode.md, "Run of a process"). */
const instanceAfterMs = { earliest: -1_000, usual: 2_500, latest: 20_000 };

/** A process's run in a file. */
export interface FoundRun {
  readonly name: string;
  readonly exact: boolean;
  readonly complete: boolean;
}

/** A process that writes in the shared log, and up to where; the position is absent where the system tells none. */
export interface SharedUse {
  readonly process: OpencodeProcess;
  readonly position: number | undefined;
  readonly nowMs: number;
}

interface Known {
  readonly startedAtMs: number | undefined;
  name: string | undefined;
  exact: boolean;
  complete: boolean;
  done: boolean;
  /** The lines around its start were looked through, and no more can come there. */
  startSearched: boolean;
}

/** Which run of one log file is which process, and how far back each one's lines were searched. */
export class RunSearch {
  readonly #log: LogFile;
  readonly #known = new Map<number, Known>();
  #slicesLeft = slicesPerLook;

  constructor(log: LogFile) {
    this.#log = log;
  }

  /** Forgets everything: the file was begun anew. */
  restart(): void {
    this.#known.clear();
  }

  /** Begins a look: forgets processes that are gone, and those whose number went to a new process. */
  keepOnly(processes: readonly OpencodeProcess[]): void {
    this.#slicesLeft = slicesPerLook;
    const started = new Map(processes.map(({ pid, startedAtMs }) => [pid, startedAtMs]));
    for (const [pid, known] of this.#known) {
      if (!started.has(pid) || started.get(pid) !== known.startedAtMs) this.#known.delete(pid);
    }
  }

  /** The only run of a process's own log. */
  own(file: OpenFile, process: OpencodeProcess): FoundRun {
    const known = this.#of(process);
    known.name = '';
    known.exact = true;
    // Its own log begins with the process: only the file's begin, never a time, ends the search.
    this.#search(file, known, file.size, undefined);
    return { name: '', exact: true, complete: known.complete };
  }

  /**
   * The run of a process in the shared log: of the line that ends at its descriptor's position, or, where the system
   * does not tell positions, of what was written when it started. Undefined where nothing tells.
   */
  shared(file: OpenFile, { process, position, nowMs }: SharedUse): FoundRun | undefined {
    const known = this.#of(process);
    // Position 0: it has not written yet (or this is a TUI's second descriptor).
    if (known.name === undefined && position !== undefined && position > 0) {
      known.name = this.#log.runAt(file, position);
      known.exact = known.name !== undefined;
    }
    if (known.name === undefined && position === undefined)
      known.name = this.#runByStart(file, process, nowMs);
    if (known.name === undefined) return undefined;
    this.#search(file, known, position ?? file.size, process.startedAtMs);
    return { name: known.name, exact: known.exact, complete: known.exact && known.complete };
  }

  #of(process: OpencodeProcess): Known {
    const known = this.#known.get(process.pid) ?? {
      startedAtMs: process.startedAtMs,
      exact: false,
      complete: false,
      name: undefined,
      done: false,
      startSearched: false,
    };
    this.#known.set(process.pid, known);
    return known;
  }

  #search(file: OpenFile, known: Known, position: number, startedAtMs: number | undefined): void {
    const run = this.#log.run(known.name ?? '');
    const from = Math.min(position, file.size);
    while (!known.done && this.#slicesLeft > 0) {
      // One slice in any case: asks of other subagents may stand before the newest session's line.
      if (this.#log.knownBytesBefore(from) >= (run.namesSession ? sliceBytes : searchLimitBytes)) {
        known.done = true;
        return;
      }
      if (this.#log.searchBack(file, from, startedAtMs) === 'start') {
        known.complete = true;
        known.done = true;
        return;
      }
      this.#slicesLeft--;
    }
  }

  /** The run that made an instance of the process's directory when the process had just started. */
  #runByStart(file: OpenFile, process: OpencodeProcess, nowMs: number): string | undefined {
    const { cwd, startedAtMs } = process;
    const known = this.#of(process);
    if (cwd === undefined || startedAtMs === undefined || known.startSearched || this.#slicesLeft <= 0)
      return undefined;
    this.#slicesLeft--;
    known.startSearched = nowMs > startedAtMs + instanceAfterMs.latest;
    this.#log.readAround(file, startedAtMs + instanceAfterMs.earliest, startedAtMs + instanceAfterMs.latest);
    const taken = new Set([...this.#known.values()].map(({ name }) => name));
    return this.#log.runNames
      .filter((name) => !taken.has(name))
      .map((name) => ({ name, distanceMs: this.#distanceFromStart(name, cwd, startedAtMs) }))
      .filter(({ distanceMs }) => distanceMs !== undefined)
      .toSorted((left, right) => (left.distanceMs ?? 0) - (right.distanceMs ?? 0))[0]?.name;
  }

  /** How far from the usual delay a run made its first instance of `cwd`; undefined where it did not, or not then. */
  #distanceFromStart(name: string, cwd: string, startedAtMs: number): number | undefined {
    for (const { event, atMs } of this.#log.run(name).inOrder()) {
      if (event.kind !== 'instance' || event.directory !== cwd) continue;
      const afterMs = atMs - startedAtMs;
      if (afterMs >= instanceAfterMs.earliest && afterMs <= instanceAfterMs.latest) {
        return Math.abs(afterMs - instanceAfterMs.usual);
      }
    }
    return undefined;
  }
}
