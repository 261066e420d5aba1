import { basename } from 'node:path';
import type { Trouble } from '../../domain/board/board.ts';
import type { LogReading, LogSource } from '../../domain/board/readings.ts';
import type { LogFacts } from '../../domain/evidence/log-facts.ts';
import type { LogDescriptor, OpencodeProcess } from '../../domain/process/process.ts';
import { sanitize } from '../../text/sanitize.ts';
import { factsOf, mergeFacts, type RunFacts } from './facts.ts';
import { withFile } from './file-slices.ts';
import type { LogEvent } from './log-event.ts';
import { LogFile } from './log-file.ts';
import type { PlacedEvent, RunEvents } from './run-events.ts';
import { RunSearch } from './run-search.ts';

/** The name of a log that belongs to one process (1.15 and older): the second of its creation. */
const ownLogName = /^\d{4}-\d\d-\d\dT\d{6}\.log$/;

/** Creates the reader of opencode's logs: the shared log, and the logs that belong to one process. */
export function createLogSource(): LogSource {
  return new DescriptorLogs();
}

/** What one process wrote to one log file. */
interface Share {
  readonly pid: number;
  readonly run: string;
  readonly exact: boolean;
  readonly complete: boolean;
  readonly events: RunEvents;
  /** Present if several processes write the same log of 1.15 or older; `otherPids` are the other ones. */
  readonly shared?: { readonly writers: LogWriters; readonly otherPids: readonly number[] };
}

class DescriptorLogs implements LogSource {
  readonly #files = new Map<string, LogFile>();
  readonly #searches = new Map<string, RunSearch>();
  readonly #writers = new Map<string, LogWriters>();
  readonly #facts = new WeakMap<RunEvents, { readonly changeCount: number; readonly facts: RunFacts }>();

  refresh(processes: readonly OpencodeProcess[], nowMs: number): LogReading {
    const byPath = usersByPath(processes);
    const shares: Share[] = [];
    const unreadable: string[] = [];
    for (const [readPath, users] of byPath) {
      const found = this.#readFile(readPath, users, processes, nowMs);
      if (found === undefined) unreadable.push(readPath);
      else shares.push(...found);
    }
    deleteAllBut(this.#files, byPath);
    deleteAllBut(this.#searches, byPath);
    deleteAllBut(this.#writers, byPath);
    return {
      byPid: this.#factsByPid(shares),
      watchPaths: [
        ...new Set(processes.flatMap((process) => process.logs.filter(isOnDisk).map(({ path }) => path))),
      ],
      troubles: troublesOf(unreadable),
    };
  }

  close(): void {
    this.#files.clear();
    this.#searches.clear();
    this.#writers.clear();
  }

  /** Polls one file for all processes that write it; undefined if it cannot be read. */
  #readFile(
    readPath: string,
    users: readonly LogUser[],
    sample: readonly OpencodeProcess[],
    nowMs: number,
  ): Share[] | undefined {
    return withFile(readPath, (file) => {
      const log = this.#files.get(readPath) ?? new LogFile();
      this.#files.set(readPath, log);
      const search = this.#searches.get(readPath) ?? new RunSearch(log);
      this.#searches.set(readPath, search);
      if (log.readNew(file)) {
        search.restart();
        this.#writers.delete(readPath);
      }
      if (isOwnLog(readPath, users)) log.readHead(file);
      search.beginPoll(users.map(({ process }) => process));
      const writers = this.#learnWriters(readPath, users, sample, log, file.size);
      return users.flatMap(({ process, descriptor }) => {
        const isOwn = ownLogName.test(basename(descriptor.path));
        const found = isOwn
          ? search.ownRun(file, process)
          : search.sharedRun(file, { process, position: descriptor.positionBytes, nowMs });
        if (found === undefined) return [];
        const run = isOwn ? basename(descriptor.path) : found.name;
        return [
          {
            pid: process.pid,
            run,
            exact: found.exact,
            complete: found.complete,
            events: log.run(found.name),
            ...(writers !== undefined &&
              isOwn && { shared: { writers, otherPids: otherPids(process, users) } }),
          },
        ];
      });
    });
  }

  /** Updates the writers of a log that several processes have open; undefined for the shared log and for one writer. */
  #learnWriters(
    readPath: string,
    users: readonly LogUser[],
    sample: readonly OpencodeProcess[],
    log: LogFile,
    fileEnd: number,
  ): LogWriters | undefined {
    if (users.length < 2 || !isOwnLog(readPath, users)) return undefined;
    const writers = this.#writers.get(readPath) ?? new LogWriters();
    this.#writers.set(readPath, writers);
    const positions = users.map(({ process: { pid }, descriptor: { positionBytes } }) => ({
      pid,
      positionBytes,
    }));
    writers.learn(sample, positions, log.run('').inOrder(), fileEnd);
    return writers;
  }

  #factsByPid(shares: readonly Share[]): Map<number, LogFacts> {
    const byPid = new Map<number, LogFacts>();
    for (const share of shares.toSorted((left, right) => (left.run < right.run ? -1 : 1))) {
      const facts = this.#factsOfShare(share);
      const known = byPid.get(share.pid);
      byPid.set(share.pid, known === undefined ? facts : mergeShares(known, facts));
    }
    return byPid;
  }

  #factsOfShare({ pid, run, exact, complete, events, shared }: Share): LogFacts {
    if (shared === undefined) return { pid, run, exact, complete, ...this.#factsOf(events) };
    const own = shared.writers.eventsOf(pid, events.inOrder());
    const isCertain = shared.writers.isCertain(pid, own);
    return {
      pid,
      run,
      exact: exact && isCertain,
      complete,
      ...factsOf(own, events),
      ...(!isCertain && { sharedWith: shared.otherPids }),
    };
  }

  #factsOf(events: RunEvents): RunFacts {
    const cached = this.#facts.get(events);
    if (cached?.changeCount === events.changeCount) return cached.facts;
    const facts = factsOf(events.inOrder(), events);
    this.#facts.set(events, { changeCount: events.changeCount, facts });
    return facts;
  }
}

/** Merges the two logs of one TUI, under the name of the later log. */
function mergeShares(known: LogFacts, facts: LogFacts): LogFacts {
  const sharedWith = facts.sharedWith ?? known.sharedWith;
  return {
    pid: facts.pid,
    run: facts.run,
    exact: facts.exact && known.exact,
    complete: facts.complete === true && known.complete === true,
    ...mergeFacts(known, facts),
    ...(sharedWith !== undefined && { sharedWith }),
  };
}

function otherPids({ pid }: OpencodeProcess, users: readonly LogUser[]): readonly number[] {
  return users.flatMap(({ process }) => (process.pid === pid ? [] : [process.pid]));
}

/** A process that has a log open, and its descriptor. */
interface LogUser {
  readonly process: OpencodeProcess;
  readonly descriptor: LogDescriptor;
}

/** The users of each log, by the path to read it. If a TUI has a file open twice, the further descriptor counts. */
function usersByPath(processes: readonly OpencodeProcess[]): Map<string, LogUser[]> {
  const byPath = new Map<string, LogUser[]>();
  for (const process of processes) {
    const furthest = new Map<string, LogDescriptor>();
    for (const descriptor of process.logs) {
      const key = descriptor.deleted ? descriptor.readPath : descriptor.path;
      const known = furthest.get(key);
      if (known === undefined || (descriptor.positionBytes ?? -1) > (known.positionBytes ?? -1)) {
        furthest.set(key, descriptor);
      }
    }
    for (const descriptor of furthest.values()) {
      const users = byPath.get(descriptor.readPath);
      if (users === undefined) byPath.set(descriptor.readPath, [{ process, descriptor }]);
      else users.push({ process, descriptor });
    }
  }
  return byPath;
}

function isOwnLog(readPath: string, users: readonly LogUser[]): boolean {
  return ownLogName.test(basename(users[0]?.descriptor.path ?? readPath));
}

function isOnDisk(descriptor: LogDescriptor): boolean {
  return !descriptor.deleted;
}

function deleteAllBut<T>(map: Map<string, T>, wanted: ReadonlyMap<string, unknown>): void {
  for (const path of map.keys()) if (!wanted.has(path)) map.delete(path);
}

function troublesOf(unreadable: readonly string[]): Trouble[] {
  const [first] = unreadable;
  if (first === undefined) return [];
  const more = unreadable.length > 1 ? ` and ${unreadable.length - 1} more` : '';
  return [{ source: 'log', text: sanitize(`cannot read ${first}${more}: matches rest on weaker evidence`) }];
}

/** A process that has the log open, with the offset after its last line; undefined if the system does not show it. */
interface Writer {
  readonly pid: number;
  readonly positionBytes: number | undefined;
}

/**
 * Finds the writer of each session in a log that several processes write. Up to 1.15 a log is named by the second of
 * its creation, so processes that start in the same second (a restored tmux, a script) share one.
 *
 * No line names its process. But with O_APPEND the position of a descriptor is after the last line of its process, so
 * only a process whose position is after a line can have written it. If one process is left, it runs the session.
 */
class LogWriters {
  readonly #pidOfSession = new Map<string, number>();
  #sample: unknown;
  #endAtSample = 0;

  /**
   * Learns from one poll. `sample` identifies the sample of the positions: the same object means the same positions.
   * A line counts only if it was read before the positions were sampled, since then its writer's position is after it.
   */
  learn(sample: unknown, writers: readonly Writer[], placed: readonly PlacedEvent[], fileEnd: number): void {
    if (sample === this.#sample) return;
    const readEnd = this.#endAtSample;
    this.#sample = sample;
    this.#endAtSample = fileEnd;
    for (const { event, offset } of placed) {
      const sessionId = sessionOf(event);
      if (sessionId === undefined || offset >= readEnd || this.#pidOfSession.has(sessionId)) continue;
      const possible = writers.filter(({ positionBytes }) => (positionBytes ?? offset + 1) > offset);
      const [only] = possible;
      if (possible.length === 1 && only !== undefined) this.#pidOfSession.set(sessionId, only.pid);
    }
  }

  /** The events without those of sessions that another process runs. */
  eventsOf(pid: number, placed: readonly PlacedEvent[]): PlacedEvent[] {
    return placed.filter(({ event }) => {
      const owner = this.#pidOfSession.get(sessionOf(event) ?? '');
      return owner === undefined || owner === pid;
    });
  }

  /** True if the newest event with a session certainly belongs to the process, or if no event has a session. */
  isCertain(pid: number, events: readonly PlacedEvent[]): boolean {
    const newest = events.findLast(({ event }) => sessionOf(event) !== undefined);
    return newest === undefined || this.#pidOfSession.get(sessionOf(newest.event) ?? '') === pid;
  }
}

function sessionOf(event: LogEvent): string | undefined {
  return 'sessionId' in event ? event.sessionId : undefined;
}
