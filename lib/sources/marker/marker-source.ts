import { type FSWatcher, watch } from 'node:fs';
import type { Trouble } from '../../domain/board/board.ts';
import type { ReportReading, ReportSource } from '../../domain/board/readings.ts';
import type { Marker } from '../../domain/evidence/marker.ts';
import { type Marked, markerEvidence } from '../../domain/evidence/rules/marker.ts';
import type { OpencodeProcess } from '../../domain/process/process.ts';
import type { ReportedStatus } from '../../domain/session/reported-status.ts';
import { newestStatuses } from '../../domain/session/reported-status.ts';
import { isAlive } from '../../system/exit.ts';
import { sanitize } from '../../text/sanitize.ts';
import { MarkerFolder } from './marker-folder.ts';
import { machineName, startTicksOf } from './places.ts';

/** A marker with a later time was written before the clock was set back, since one machine has one clock. */
const clockSlackMs = 2_000;
/** Start times from `/proc` are exact to about a second. */
const startTimeSlackMs = 2_000;

/** The parts of the machine that the source uses, so that specs can replace them. */
export interface MarkerMachine {
  /** The folder of the markers. */
  readonly folder: string;
  /** `/proc`. */
  readonly procRoot: string;
  /** `os.hostname()`. */
  readonly host: string;
  readonly monotonicMs: () => number;
}

/** Reads the markers that otop's plugin writes in running processes, and removes the markers of ended ones. */
export class MarkerSource implements ReportSource {
  readonly #machine: MarkerMachine;
  readonly #folder: MarkerFolder;
  /** Start ticks by pid and start time, so that `/proc` is read once for each process. */
  readonly #startTicks = new Map<string, number | undefined>();
  #watcher: FSWatcher | undefined;
  #onChange: (() => void) | undefined;
  #watchedFolderId = '';
  #hasEvent = false;
  #joinKey = '';
  #marked: readonly Marked[] = [];

  constructor(machine: MarkerMachine) {
    this.#machine = machine;
    this.#folder = new MarkerFolder(machine.folder, machineName(machine.procRoot), machine.host);
  }

  /** Reads the files that changed. Never throws, with any content of the files. */
  refresh(processes: readonly OpencodeProcess[], nowMs: number): ReportReading {
    this.#folder.poll(this.#hasEvent, this.#machine.monotonicMs());
    this.#hasEvent = false;
    this.#watch();
    this.#marked = this.#join(processes);
    return {
      evidence: markerEvidence(this.#marked.map((one) => withoutLaterTurns(one, nowMs + clockSlackMs))),
      statuses: statusesOf(this.#marked, nowMs + clockSlackMs),
      troubles: this.#troubles(),
    };
  }

  /** The processes of the last `refresh` that have the plugin loaded, with their markers. */
  get marked(): readonly Marked[] {
    return this.#marked;
  }

  /** Calls `onChange` at each change in the folder, until `close`. */
  listen(onChange: () => void): void {
    this.#onChange = onChange;
    this.#watch();
  }

  close(): void {
    this.#unwatch();
    this.#onChange = undefined;
  }

  /** Joins markers with their processes. Returns the same list as long as neither changed. */
  #join(processes: readonly OpencodeProcess[]): readonly Marked[] {
    const key = `${this.#folder.changeCount} ${processes.map(keyOf).join(' ')}`;
    if (key === this.#joinKey) return this.#marked;
    const byPid = new Map(processes.map((process) => [process.pid, process]));
    for (const pid of this.#folder.pids) if (!byPid.has(pid) && !isAlive(pid)) this.#folder.discard(pid);
    const marked = this.#folder.markers.flatMap((marker) => {
      const process = byPid.get(marker.pid);
      if (process === undefined) return [];
      if (this.#isSameProcess(process, marker)) return [{ process, marker }];
      this.#folder.discard(marker.pid);
      return [];
    });
    const current = new Set(processes.map(keyOf));
    for (const each of this.#startTicks.keys()) if (!current.has(each)) this.#startTicks.delete(each);
    this.#joinKey = `${this.#folder.changeCount} ${processes.map(keyOf).join(' ')}`;
    return marked;
  }

  /** False if the pid was reused by another process after the marker was written. */
  #isSameProcess(process: OpencodeProcess, marker: Marker): boolean {
    const ticks = marker.startTicks === undefined ? undefined : this.#ticksOf(process);
    if (ticks !== undefined) return ticks === marker.startTicks;
    return marker.writtenAtMs > (process.startedAtMs ?? 0) - startTimeSlackMs;
  }

  #ticksOf(process: OpencodeProcess): number | undefined {
    const key = keyOf(process);
    if (!this.#startTicks.has(key)) {
      this.#startTicks.set(key, startTicksOf(this.#machine.procRoot, process.pid));
    }
    return this.#startTicks.get(key);
  }

  #troubles(): readonly Trouble[] {
    const pids = this.#folder.otherVersionPids;
    if (pids.length === 0) return [];
    const text = sanitize(
      `pid ${pids.join(', ')} runs the plugin of another otop version, and this otop cannot read its markers: restart that opencode`,
    );
    return [{ source: 'marker', text }];
  }

  /** Watches the folder anew if it was created or removed: the plugin creates it, and uninstalling removes it. */
  #watch(): void {
    const { folderId } = this.#folder;
    if (this.#onChange === undefined || folderId === this.#watchedFolderId) return;
    this.#unwatch();
    if (folderId === '') return;
    try {
      const watcher = watch(this.#machine.folder, { persistent: false }, (_event, name) => {
        // A draft needs no poll, because the event of its renaming follows.
        if (name?.startsWith('.')) return;
        this.#hasEvent = true;
        this.#onChange?.();
      });
      watcher.on('error', () => this.#unwatch());
      this.#watcher = watcher;
      this.#watchedFolderId = folderId;
      // A file may have been written between the poll and the start of the watch.
      this.#hasEvent = true;
    } catch {
      // The system has no watches left; the slow tick compares the time of the folder.
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watchedFolderId = '';
  }
}

function keyOf({ pid, startedAtMs }: OpencodeProcess): string {
  return `${pid}:${startedAtMs}`;
}

/** The marker without sessions whose turn is later than `latestMs`. */
function withoutLaterTurns({ process, marker }: Marked, latestMs: number): Marked {
  const sessions = marker.sessions.filter(({ turnAtMs }) => (turnAtMs ?? 0) <= latestMs);
  return sessions.length === marker.sessions.length
    ? { process, marker }
    : { process, marker: { ...marker, sessions } };
}

/** The statuses by session id. If two processes had a session, the later status counts. */
function statusesOf(marked: readonly Marked[], latestMs: number): ReadonlyMap<string, ReportedStatus> {
  const statuses = marked.flatMap(({ marker }) => marker.sessions.map(({ status }) => status));
  return newestStatuses(statuses.filter(({ atMs }) => atMs <= latestMs));
}
