import type { OpencodeProcess } from '../../domain/process/process.ts';
import { type OpenFile, sliceBytes } from './file-slices.ts';
import type { LogFile } from './log-file.ts';

/** The total number of bytes searched backwards from the last line of a process, over all polls. */
const searchLimitBytes = 16 * sliceBytes;
/** The slices that one poll reads backwards at most, for all processes of the file together. */
const slicesPerPoll = 4;
/** A TUI writes `creating instance` 1.5 to 4 s after its start, an `opencode run` within 1 s (opencode.md, "Run of a process"). */
const instanceDelayMs = { min: -1_000, usual: 2_500, max: 20_000 };

/** The run of a process in a file. */
export interface FoundRun {
  readonly name: string;
  readonly exact: boolean;
  readonly complete: boolean;
}

/** A process that writes to the shared log. `position` is undefined if the system does not show descriptor positions. */
export interface SharedUse {
  readonly process: OpencodeProcess;
  readonly position: number | undefined;
  readonly nowMs: number;
}

/** How far the search for the run of one process is. */
interface Search {
  readonly startedAtMs: number | undefined;
  name: string | undefined;
  exact: boolean;
  complete: boolean;
  isDone: boolean;
  /** All lines around the start of the process were read, and no new ones can appear there. */
  isStartSearched: boolean;
}

/** Finds the run of each process in one log file, and searches its lines backwards for sessions. */
export class RunSearch {
  readonly #log: LogFile;
  readonly #searches = new Map<number, Search>();
  #slicesLeft = slicesPerPoll;

  constructor(log: LogFile) {
    this.#log = log;
  }

  /** Forgets everything, because the file is read as a new one. */
  restart(): void {
    this.#searches.clear();
  }

  /** Begins a poll: forgets ended processes, and pids that now belong to a new process. */
  beginPoll(processes: readonly OpencodeProcess[]): void {
    this.#slicesLeft = slicesPerPoll;
    const started = new Map(processes.map(({ pid, startedAtMs }) => [pid, startedAtMs]));
    for (const [pid, search] of this.#searches) {
      if (!started.has(pid) || started.get(pid) !== search.startedAtMs) this.#searches.delete(pid);
    }
  }

  /** The only run of a log that belongs to one process. */
  ownRun(file: OpenFile, process: OpencodeProcess): FoundRun {
    const search = this.#searchOf(process);
    search.name = '';
    search.exact = true;
    // This log begins with the process, so the search ends at the start of the file and needs no time.
    this.#search(file, search, file.size, undefined);
    return { name: '', exact: true, complete: search.complete };
  }

  /**
   * The run of a process in the shared log: the run of the line that ends at the position of its descriptor. Without
   * positions, the run of the lines written when the process started. Returns undefined if neither is found.
   */
  sharedRun(file: OpenFile, { process, position, nowMs }: SharedUse): FoundRun | undefined {
    const search = this.#searchOf(process);
    // At position 0 the process has not written yet, or this is the second descriptor of a TUI.
    if (search.name === undefined && position !== undefined && position > 0) {
      search.name = this.#log.runAt(file, position);
      search.exact = search.name !== undefined;
    }
    if (search.name === undefined && position === undefined)
      search.name = this.#runByStart(file, process, nowMs);
    if (search.name === undefined) return undefined;
    this.#search(file, search, position ?? file.size, process.startedAtMs);
    return { name: search.name, exact: search.exact, complete: search.exact && search.complete };
  }

  #searchOf(process: OpencodeProcess): Search {
    const search = this.#searches.get(process.pid) ?? {
      startedAtMs: process.startedAtMs,
      exact: false,
      complete: false,
      name: undefined,
      isDone: false,
      isStartSearched: false,
    };
    this.#searches.set(process.pid, search);
    return search;
  }

  #search(file: OpenFile, search: Search, position: number, startedAtMs: number | undefined): void {
    const run = this.#log.run(search.name ?? '');
    const from = Math.min(position, file.size);
    while (!search.isDone && this.#slicesLeft > 0) {
      // At least one slice is read: asks of other subagents may come before the line of the newest session.
      if (this.#log.readBytesBefore(from) >= (run.hasSession ? sliceBytes : searchLimitBytes)) {
        search.isDone = true;
        return;
      }
      if (this.#log.searchBack(file, from, startedAtMs) === 'start') {
        search.complete = true;
        search.isDone = true;
        return;
      }
      this.#slicesLeft--;
    }
  }

  /** The run that created an instance of the working directory just after the process started. */
  #runByStart(file: OpenFile, process: OpencodeProcess, nowMs: number): string | undefined {
    const { cwd, startedAtMs } = process;
    const search = this.#searchOf(process);
    if (cwd === undefined || startedAtMs === undefined || search.isStartSearched || this.#slicesLeft <= 0)
      return undefined;
    this.#slicesLeft--;
    search.isStartSearched = nowMs > startedAtMs + instanceDelayMs.max;
    this.#log.readAround(file, startedAtMs + instanceDelayMs.min, startedAtMs + instanceDelayMs.max);
    const assignedNames = new Set([...this.#searches.values()].map(({ name }) => name));
    return this.#log.runNames
      .filter((name) => !assignedNames.has(name))
      .map((name) => ({ name, distanceMs: this.#distanceFromUsualMs(name, cwd, startedAtMs) }))
      .filter(({ distanceMs }) => distanceMs !== undefined)
      .toSorted((left, right) => (left.distanceMs ?? 0) - (right.distanceMs ?? 0))[0]?.name;
  }

  /**
   * The difference in ms between the usual delay and the delay of the first instance of `cwd` in a run. Undefined if
   * the run created none within the limits.
   */
  #distanceFromUsualMs(name: string, cwd: string, startedAtMs: number): number | undefined {
    for (const { event, atMs } of this.#log.run(name).inOrder()) {
      if (event.kind !== 'instance' || event.directory !== cwd) continue;
      const delayMs = atMs - startedAtMs;
      if (delayMs >= instanceDelayMs.min && delayMs <= instanceDelayMs.max) {
        return Math.abs(delayMs - instanceDelayMs.usual);
      }
    }
    return undefined;
  }
}
