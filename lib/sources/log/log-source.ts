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

/** A process's own log, 1.15 and older: named by the second it was begun in. */
const ownLogName = /^\d{4}-\d\d-\d\dT\d{6}\.log$/;

/** Gives the reader of opencode's logs, both the shared one and each process's own. */
export function createLogSource(): LogSource {
  return new DescriptorLogs();
}

/** One process's share of one log file. */
interface Share {
  readonly pid: number;
  readonly run: string;
  readonly exact: boolean;
  readonly complete: boolean;
  readonly events: RunEvents;
  /** Where others write the same log of 1.15 or older: who of them wrote what. */
  readonly shared?: { readonly writers: LogWriters; readonly pids: readonly number[] };
}

class DescriptorLogs implements LogSource {
  readonly #files = new Map<string, LogFile>();
  readonly #searches = new Map<string, RunSearch>();
  readonly #writers = new Map<string, LogWriters>();
  readonly #facts = new WeakMap<RunEvents, { readonly changes: number; readonly facts: RunFacts }>();

  refresh(processes: readonly OpencodeProcess[], nowMs: number): LogReading {
    const byPath = usersByPath(processes);
    const shares: Share[] = [];
    const unreadable: string[] = [];
    for (const [readPath, users] of byPath) {
      const found = this.#readFile(readPath, users, processes, nowMs);
      if (found === undefined) unreadable.push(readPath);
      else shares.push(...found);
    }
    forgetOthers(this.#files, byPath);
    forgetOthers(this.#searches, byPath);
    forgetOthers(this.#writers, byPath);
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

  /** One look at one file for all the processes that write it. */
  #readFile(
    readPath: string,
    users: readonly User[],
    look: readonly OpencodeProcess[],
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
      search.keepOnly(users.map(({ process }) => process));
      const writers = this.#learnWriters(readPath, users, look, log, file.size);
      return users.flatMap(({ process, descriptor }) => {
        const own = ownLogName.test(basename(descriptor.path));
        const found = own
          ? search.own(file, process)
          : search.shared(file, { process, position: descriptor.positionBytes, nowMs });
        if (found === undefined) return [];
        const run = own ? basename(descriptor.path) : found.name;
        return [
          {
            pid: process.pid,
            run,
            exact: found.exact,
            complete: found.complete,
            events: log.run(found.name),
            ...(writers !== undefined && own && { shared: { writers, pids: othersThan(process, users) } }),
          },
        ];
      });
    });
  }

  /** Who writes what where a process's own log is open in several: undefined where it is really its own. */
  #learnWriters(
    readPath: string,
    users: readonly User[],
    look: readonly OpencodeProcess[],
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
    writers.learn(look, positions, log.run('').inOrder(), fileEnd);
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
    const isSure = shared.writers.isSure(pid, own);
    return {
      pid,
      run,
      exact: exact && isSure,
      complete,
      ...factsOf(own, events),
      ...(!isSure && { sharedWith: shared.pids }),
    };
  }

  #factsOf(events: RunEvents): RunFacts {
    const known = this.#facts.get(events);
    if (known?.changes === events.changes) return known.facts;
    const facts = factsOf(events.inOrder(), events);
    this.#facts.set(events, { changes: events.changes, facts });
    return facts;
  }
}

/** The two logs of one TUI as one, under the name of the later one. */
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

function othersThan({ pid }: OpencodeProcess, users: readonly User[]): readonly number[] {
  return users.flatMap(({ process }) => (process.pid === pid ? [] : [process.pid]));
}

interface User {
  readonly process: OpencodeProcess;
  readonly descriptor: LogDescriptor;
}

/** Every process once for each file: of a TUI's two descriptors on one file the one further on counts. */
function usersByPath(processes: readonly OpencodeProcess[]): Map<string, User[]> {
  const byPath = new Map<string, User[]>();
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

function isOwnLog(readPath: string, users: readonly User[]): boolean {
  return ownLogName.test(basename(users[0]?.descriptor.path ?? readPath));
}

function isOnDisk(descriptor: LogDescriptor): boolean {
  return !descriptor.deleted;
}

function forgetOthers<T>(kept: Map<string, T>, wanted: ReadonlyMap<string, unknown>): void {
  for (const path of kept.keys()) if (!wanted.has(path)) kept.delete(path);
}

function troublesOf(unreadable: readonly string[]): Trouble[] {
  const [first] = unreadable;
  if (first === undefined) return [];
  const more = unreadable.length > 1 ? ` and ${unreadable.length - 1} more` : '';
  return [{ source: 'log', text: sanitize(`cannot read ${first}${more}: matches rest on weaker evidence`) }];
}

/** A process that has the log open, and the offset after the last line that it wrote; absent where not told. */
interface Writer {
  readonly pid: number;
  readonly positionBytes: number | undefined;
}

/**
 * Who wrote what in a log that several processes write. Up to 1.15 a log is named by the second it was begun in, so
 * what starts in the same second (a restored tmux, a script) shares one, and no line names its process. But files are
 * opened to append, so a descriptor stands after the last line its process wrote: a line behind the positions of all
 * writers but one is that one's. A session is worked on by one process, so one such line tells for all of its lines.
 */
class LogWriters {
  readonly #ownerOf = new Map<string, number>();
  #look: unknown;
  #endAtLook = 0;

  /**
   * Learns from one look. `look` stands for the sampling of the positions and is the same object as long as they
   * are: a line counts only when it was read before they were sampled, since its writer's position is then behind it.
   */
  learn(look: unknown, writers: readonly Writer[], placed: readonly PlacedEvent[], fileEnd: number): void {
    if (look === this.#look) return;
    const readBefore = this.#endAtLook;
    this.#look = look;
    this.#endAtLook = fileEnd;
    for (const { event, offset } of placed) {
      const sessionId = sessionOf(event);
      if (sessionId === undefined || offset >= readBefore || this.#ownerOf.has(sessionId)) continue;
      const possible = writers.filter(({ positionBytes }) => (positionBytes ?? offset + 1) > offset);
      const [only] = possible;
      if (possible.length === 1 && only !== undefined) this.#ownerOf.set(sessionId, only.pid);
    }
  }

  /** Without the events of sessions that are another writer's. */
  eventsOf(pid: number, placed: readonly PlacedEvent[]): PlacedEvent[] {
    return placed.filter(({ event }) => {
      const owner = this.#ownerOf.get(sessionOf(event) ?? '');
      return owner === undefined || owner === pid;
    });
  }

  /** True where the newest of these events that names a session is surely the process's own, or none names one. */
  isSure(pid: number, events: readonly PlacedEvent[]): boolean {
    const newest = events.findLast(({ event }) => sessionOf(event) !== undefined);
    return newest === undefined || this.#ownerOf.get(sessionOf(newest.event) ?? '') === pid;
  }
}

function sessionOf(event: LogEvent): string | undefined {
  return 'sessionId' in event ? event.sessionId : undefined;
}
