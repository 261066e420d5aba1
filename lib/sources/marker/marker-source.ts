import { type FSWatcher, watch } from 'node:fs';
import type { Trouble } from '../../domain/board/board.ts';
import type { LiveReading, LiveSource } from '../../domain/board/readings.ts';
import type { Marker } from '../../domain/evidence/marker.ts';
import { type Marked, markerEvidence } from '../../domain/evidence/rules/marker.ts';
import type { OpencodeProcess } from '../../domain/process/process.ts';
import type { LiveStatus } from '../../domain/session/live-status.ts';
import { newestStatuses } from '../../domain/session/live-status.ts';
import { isAlive } from '../../system/run-program.ts';
import { sanitize } from '../../text/sanitize.ts';
import { MarkerFolder } from './marker-folder.ts';
import { machineName, startTicksOf } from './places.ts';

/** Clocks of one machine agree; what a marker says of a time further ahead was written before the clock was set back. */
const clockSlackMs = 2_000;
/** `/proc` start times are good to about a second. */
const startTimeSlackMs = 2_000;

/** The machine, as the source needs it; specs give another one. */
export interface MarkerMachine {
  /** Of the markers. */
  readonly folder: string;
  /** `/proc`. */
  readonly procRoot: string;
  /** `os.hostname()`. */
  readonly host: string;
  readonly monotonicMs: () => number;
}

/** What otop's plugin says, in the markers of processes that run; markers of dead ones are removed. */
export class MarkerSource implements LiveSource {
  readonly #machine: MarkerMachine;
  readonly #folder: MarkerFolder;
  /** Of processes whose start was asked for, while they stay the same. */
  readonly #startTicks = new Map<string, number | undefined>();
  #watcher: FSWatcher | undefined;
  #onChange: (() => void) | undefined;
  #watchedId = '';
  #hinted = false;
  #key = '';
  #marked: readonly Marked[] = [];

  constructor(machine: MarkerMachine) {
    this.#machine = machine;
    this.#folder = new MarkerFolder(machine.folder, machineName(machine.procRoot), machine.host);
  }

  /** Reads the files that changed. Never throws for what is in them. */
  refresh(processes: readonly OpencodeProcess[], nowMs: number): LiveReading {
    this.#folder.look(this.#hinted, this.#machine.monotonicMs());
    this.#hinted = false;
    this.#watch();
    this.#marked = this.#join(processes);
    return {
      evidence: markerEvidence(this.#marked.map((one) => upTo(one, nowMs + clockSlackMs))),
      statuses: statusesOf(this.#marked, nowMs + clockSlackMs),
      troubles: this.#troubles(),
    };
  }

  /** Which of the processes of the last `refresh` have the plugin loaded. */
  get marked(): readonly Marked[] {
    return this.#marked;
  }

  listen(onChange: () => void): void {
    this.#onChange = onChange;
    this.#watch();
  }

  close(): void {
    this.#unwatch();
    this.#onChange = undefined;
  }

  /** Markers with their processes; the same list while neither changed. */
  #join(processes: readonly OpencodeProcess[]): readonly Marked[] {
    const key = `${this.#folder.generation} ${processes.map(keyOf).join(' ')}`;
    if (key === this.#key) return this.#marked;
    const byPid = new Map(processes.map((process) => [process.pid, process]));
    for (const pid of this.#folder.pids) if (!byPid.has(pid) && !isAlive(pid)) this.#folder.discard(pid);
    const marked = this.#folder.markers.flatMap((marker) => {
      const process = byPid.get(marker.pid);
      if (process === undefined) return [];
      if (this.#isSame(process, marker)) return [{ process, marker }];
      this.#folder.discard(marker.pid);
      return [];
    });
    const kept = new Set(processes.map(keyOf));
    for (const each of this.#startTicks.keys()) if (!kept.has(each)) this.#startTicks.delete(each);
    this.#key = `${this.#folder.generation} ${processes.map(keyOf).join(' ')}`;
    return marked;
  }

  /** False where the number was given to another process since the marker was written. */
  #isSame(process: OpencodeProcess, marker: Marker): boolean {
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
    const pids = this.#folder.otherVersions;
    if (pids.length === 0) return [];
    const text = sanitize(
      `pid ${pids.join(', ')} runs the plugin of another otop, which this one cannot read: restart opencode there`,
    );
    return [{ source: 'marker', text }];
  }

  /** The folder comes with the first opencode that has the plugin, and goes with the plugin. */
  #watch(): void {
    const { folderId } = this.#folder;
    if (this.#onChange === undefined || folderId === this.#watchedId) return;
    this.#unwatch();
    if (folderId === '') return;
    try {
      const watcher = watch(this.#machine.folder, { persistent: false }, (_event, name) => {
        // A draft is not worth a look: its renaming follows.
        if (name?.startsWith('.')) return;
        this.#hinted = true;
        this.#onChange?.();
      });
      watcher.on('error', () => this.#unwatch());
      this.#watcher = watcher;
      this.#watchedId = folderId;
      // What was written between the look and the watch.
      this.#hinted = true;
    } catch {
      // No watches left: the slow tick looks at the folder's time.
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watchedId = '';
  }
}

function keyOf({ pid, startedAtMs }: OpencodeProcess): string {
  return `${pid}:${startedAtMs}`;
}

/** The marker without turns that lie ahead. */
function upTo({ process, marker }: Marked, latestMs: number): Marked {
  const sessions = marker.sessions.filter(({ turnAtMs }) => (turnAtMs ?? 0) <= latestMs);
  return sessions.length === marker.sessions.length
    ? { process, marker }
    : { process, marker: { ...marker, sessions } };
}

/** Of a session that two processes had, what was said last. */
function statusesOf(marked: readonly Marked[], latestMs: number): ReadonlyMap<string, LiveStatus> {
  const statuses = marked.flatMap(({ marker }) => marker.sessions.map(({ status }) => status));
  return newestStatuses(statuses.filter(({ atMs }) => atMs <= latestMs));
}
