import type { Board, Trouble } from '../domain/board/board.ts';
import { buildBoard } from '../domain/board/build-board.ts';
import { TokenHistory, type TokenSample } from '../domain/board/history.ts';
import type {
  HostReading,
  HostSource,
  LogReading,
  LogSource,
  ProcessReading,
  ProcessSource,
  ReportReading,
  ReportSource,
  SessionReading,
} from '../domain/board/readings.ts';
import { mergeReports } from '../domain/board/readings.ts';
import { type Correlation, correlate, wantedSessions } from '../domain/evidence/correlate.ts';
import { type ActivityMemory, noActivity, rememberActivity } from '../domain/evidence/rules/activity.ts';
import type { WhyInput } from '../domain/evidence/why.ts';
import { isBusy } from '../domain/process/process.ts';
import type { ModelLookup } from '../domain/session/model-facts.ts';
import type { DatabaseSessions } from '../sources/opencode/sessions.ts';
import type { DisplayText } from '../text/sanitize.ts';

/** The sources of a Board: this machine's, or the simulated fleet's. */
export interface MonitorParts {
  readonly processes: ProcessSource;
  readonly log: LogSource;
  readonly sessions: DatabaseSessions;
  /** Sources in which opencode itself reports: otop's plugin, local servers. */
  readonly live: readonly ReportSource[];
  readonly hosts: readonly HostSource[];
  readonly models: {
    readonly lookup: ModelLookup;
    refresh(directoryPaths: Iterable<string>): Promise<readonly Trouble[]>;
  };
  /** Finished messages of the last hour, which fill the token history of sessions that are new to otop. */
  tokenSamples(
    sessions: readonly { readonly id: string; readonly databasePath: string }[],
    fromMs: number,
    toMs: number,
  ): ReadonlyMap<string, readonly TokenSample[]>;
  /** When the user last viewed each session; called for every Board. */
  viewed(): { readonly bySession: ReadonlyMap<string, number>; readonly baselineMs?: number | undefined };
  close(): void;
}

/** Settings that choose and label the rows. */
export interface MonitorSettings {
  readonly includeIdle: boolean;
  readonly includeTools: boolean;
  readonly host: DisplayText;
  /** The id that distinguishes this machine from others; called once there are other machines. */
  readonly machineId: () => string;
  readonly demo: boolean;
}

/** The sources to poll; an absent one keeps its last reading. */
export interface RefreshRequest {
  /** See `ProcessSource.sample`. */
  readonly processes?: 'full' | 'known';
  readonly logs?: boolean;
  /** The plugin, local and named servers, and other machines. */
  readonly live?: boolean;
  /** The databases: `states` only; `sums` adds sums over all sessions; `history` also adds tokens per minute. */
  readonly sessions?: 'states' | 'sums' | 'history';
  /** The limits and prices of models. */
  readonly models?: boolean;
}

const hourMs = 3_600_000;

/**
 * Polls sources on request and merges their last readings into a Board. It sets no timers and repeats nothing; the
 * live board does.
 */
export class Monitor {
  readonly #parts: MonitorParts;
  #settings: MonitorSettings;
  readonly #history = new TokenHistory();
  /** Ids of sessions whose last hour is already in the history. */
  readonly #refilled = new Set<string>();
  #processes: ProcessReading | undefined;
  #log: LogReading | undefined;
  #live: ReportReading = mergeReports([]);
  #hosts: readonly HostReading[] = [];
  #sessions: SessionReading | undefined;
  #correlation: Correlation = { matches: [], candidates: [], fresh: new Map(), views: new Map() };
  #activity: ActivityMemory = noActivity;
  #modelTroubles: readonly Trouble[] = [];
  #machineId: string | undefined;

  constructor(parts: MonitorParts, settings: MonitorSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /**
   * Polls the requested sources in the order of their dependencies: logs and servers need the processes, the choice
   * of sessions needs all three, and models need the sessions. Without processes and models, all work is done
   * synchronously before this returns. Calls `nowMs` once per source. Rejects only because of a bug: a source reports
   * a failure in its reading.
   */
  async refresh(request: RefreshRequest, nowMs: () => number): Promise<void> {
    const { processes, logs, live, sessions, models } = request;
    if (processes) await this.#pollProcesses(processes, nowMs());
    if (logs) this.#log = this.#parts.log.refresh(this.#processes?.processes ?? [], nowMs());
    if (live) this.#pollLive(nowMs());
    if (sessions) this.#pollSessions(sessions, nowMs());
    if (models) await this.#pollModels();
  }

  /** Sets whether the Board includes sessions without a process and tool processes, from the next poll on. */
  includeAll(all: boolean): void {
    this.#settings = { ...this.#settings, includeIdle: all, includeTools: all };
  }

  async #pollProcesses(scope: 'full' | 'known', nowMs: number): Promise<void> {
    const reading = await this.#parts.processes.sample(scope, nowMs);
    this.#processes = reading;
    this.#parts.sessions.holdPaths([...new Set(reading.processes.flatMap(({ databases }) => databases))]);
  }

  #pollLive(nowMs: number): void {
    const processes = this.#processes?.processes ?? [];
    this.#live = mergeReports(this.#parts.live.map((source) => source.refresh(processes, nowMs)));
    this.#hosts = this.#parts.hosts.flatMap((source) => source.refresh(nowMs));
  }

  /**
   * Resolves to true once every known plugin, server and machine has responded or failed; to false if there is none.
   */
  async settled(): Promise<boolean> {
    const waits = [...this.#parts.live, ...this.#parts.hosts].flatMap((source) => source.settled?.() ?? []);
    await Promise.all(waits);
    return waits.length > 0;
  }

  /** Calls `onChange` whenever a plugin, server or machine has new data. */
  listenLive(onChange: () => void): void {
    for (const source of [...this.#parts.live, ...this.#parts.hosts]) source.listen(onChange);
  }

  #pollSessions(wanted: RefreshRequest['sessions'], nowMs: number): void {
    const readings = {
      processes: this.#processes?.processes ?? [],
      log: this.#log?.byPid ?? new Map(),
      extraEvidence: this.#live.evidence,
      previous: this.#correlation.matches,
    };
    const { includeIdle } = this.#settings;
    const request = wantedSessions(readings, { includeIdle, sums: wanted !== 'states' });
    this.#sessions = this.#parts.sessions.refresh(request, nowMs);
    if (wanted !== 'history') return;
    const { sessions } = this.#sessions;
    this.#refillHistory(sessions, nowMs);
    this.#history.observe(sessions.values(), nowMs);
  }

  /** True if a process was busy at the last poll. */
  get isBusy(): boolean {
    return this.#processes?.processes.some(isBusy) ?? false;
  }

  /** The time of the last poll of the processes; undefined before the first. */
  get processesAtMs(): number | undefined {
    return this.#processes?.atMs;
  }

  /** True while a large database is not completely read: each poll of the sessions reads another slice. */
  get isCatchingUp(): boolean {
    return this.isMissingSessions || this.#sessions?.totalsProgress !== undefined;
  }

  /** True while sessions are missing on the Board because the last poll ran out of time. */
  get isMissingSessions(): boolean {
    return this.#sessions?.unfinished === true;
  }

  async #pollModels(): Promise<void> {
    const sessions = [...(this.#sessions?.sessions.values() ?? [])];
    const directories = new Set(sessions.flatMap(({ directoryPath }) => directoryPath ?? []));
    this.#modelTroubles = await this.#parts.models.refresh(directories);
  }

  /** Returns the Board of the last readings, with states computed for `nowMs`. */
  board(nowMs: number): Board {
    const readings = {
      processes: this.#processes?.processes ?? [],
      sessions: this.#sessions?.sessions ?? new Map(),
      log: this.#log?.byPid ?? new Map(),
      nowMs,
    };
    this.#activity = rememberActivity(this.#activity, readings);
    this.#correlation = correlate({
      ...readings,
      extraEvidence: this.#live.evidence,
      previous: this.#correlation.matches,
      activity: this.#activity,
    });
    const viewed = this.#parts.viewed();
    return buildBoard({
      readings: {
        nowMs,
        ...(this.#sessions && { sessions: this.#sessions }),
        ...(this.#processes && { processes: this.#processes }),
        ...(this.#log && { log: this.#log }),
        reports: this.#live,
        hosts: this.#hosts,
      },
      matches: this.#correlation.matches,
      views: this.#correlation.views,
      viewedAtMs: viewed.bySession,
      viewedBaselineMs: viewed.baselineMs,
      lookup: this.#parts.models.lookup,
      history: this.#history,
      ...this.#settings,
      machineId: this.#ownMachineId(),
      troubles: this.#modelTroubles,
    });
  }

  #ownMachineId(): string {
    if (this.#hosts.length > 0) this.#machineId ??= this.#settings.machineId();
    return this.#machineId ?? '';
  }

  /** The input for `why`: the readings and matches behind `board`. */
  evidence(board: Board): WhyInput {
    return {
      correlation: this.#correlation,
      processes: this.#processes?.processes ?? [],
      sessions: this.#sessions?.sessions ?? new Map(),
      log: this.#log?.byPid ?? new Map(),
      ...(this.#live.links && { links: this.#live.links }),
      rows: board.rows,
      nowMs: board.atMs,
    };
  }

  /** Files to watch: a write means that the databases, or the logs, have to be polled. */
  watchPaths(): { readonly sessions: readonly string[]; readonly logs: readonly string[] } {
    return { sessions: this.#parts.sessions.watchPaths, logs: this.#log?.watchPaths ?? [] };
  }

  close(): void {
    this.#parts.close();
  }

  /** Fills in the last hour of sessions that are new to otop and active within it; `observe` counts from then on. */
  #refillHistory(sessions: SessionReading['sessions'], nowMs: number): void {
    for (const id of this.#refilled) if (!sessions.has(id)) this.#refilled.delete(id);
    const unknown = [...sessions.values()].filter(
      ({ id, activeAtMs }) =>
        !this.#refilled.has(id) && activeAtMs !== undefined && activeAtMs > nowMs - hourMs,
    );
    if (unknown.length === 0) return;
    const samples = this.#parts.tokenSamples(unknown, nowMs - hourMs, nowMs);
    for (const { id } of unknown) {
      this.#refilled.add(id);
      const own = samples.get(id);
      if (own !== undefined) this.#history.refill(id, own, nowMs);
    }
  }
}
