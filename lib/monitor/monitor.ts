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
import { type Correlation, correlate } from '../domain/evidence/correlate.ts';
import { type ActivityMemory, noActivity, rememberActivity } from '../domain/evidence/rules/activity.ts';
import { wantedSessions } from '../domain/evidence/wanted-sessions.ts';
import type { WhyInput } from '../domain/evidence/why.ts';
import { isBusy } from '../domain/process/process.ts';
import type { ModelLookup } from '../domain/session/model-facts.ts';
import type { DatabaseSessions } from '../sources/opencode/sessions.ts';
import type { DisplayText } from '../text/sanitize.ts';

/** The sources a Board is made of: the machine's, or the simulated fleet's. */
export interface MonitorParts {
  readonly processes: ProcessSource;
  readonly log: LogSource;
  readonly sessions: DatabaseSessions;
  /** Where opencode itself tells: its plugin, local servers. */
  readonly live: readonly ReportSource[];
  readonly hosts: readonly HostSource[];
  readonly models: {
    readonly lookup: ModelLookup;
    refresh(directoryPaths: Iterable<string>): Promise<readonly Trouble[]>;
  };
  /** Finished messages of the last hour: refills the token history of sessions that otop had not seen. */
  tokenSamples(
    sessions: readonly { readonly id: string; readonly databasePath: string }[],
    fromMs: number,
    toMs: number,
  ): ReadonlyMap<string, readonly TokenSample[]>;
  /** When a person looked at each session; asked for at every Board. */
  viewed(): { readonly bySession: ReadonlyMap<string, number>; readonly baselineMs?: number | undefined };
  close(): void;
}

/** What the rows are to be. */
export interface MonitorSettings {
  readonly includeIdle: boolean;
  readonly includeTools: boolean;
  readonly host: DisplayText;
  /** What tells it from other machines, of whatever name; asked for once such are there. */
  readonly machineId: () => string;
  readonly demo: boolean;
}

/** What is looked at: what is absent keeps its last reading. */
export interface RefreshRequest {
  /** All processes and everything about each, or only what moves of those that are known. */
  readonly processes?: 'full' | 'known';
  readonly logs?: boolean;
  /** The plugin and the servers, local ones and others, other machines among them. */
  readonly live?: boolean;
  /** The databases: states alone; with the sums over all sessions; or with the tokens of the last minutes, too. */
  readonly sessions?: 'states' | 'sums' | 'history';
  /** What models can and cost. */
  readonly models?: boolean;
}

const hourMs = 3_600_000;

/**
 * Looks at the sources it is asked to, and merges what they last said to a Board. Nothing here waits or repeats: that is the
 * live board's.
 */
export class Monitor {
  readonly #parts: MonitorParts;
  #settings: MonitorSettings;
  readonly #history = new TokenHistory();
  /** Sessions whose last hour is in the history. */
  readonly #refilled = new Set<string>();
  #processes: ProcessReading | undefined;
  #log: LogReading | undefined;
  #live: ReportReading = mergeReports([]);
  #hosts: readonly HostReading[] = [];
  #sessions: SessionReading | undefined;
  #correlation: Correlation = { matches: [], candidates: [], fresh: new Map() };
  #activity: ActivityMemory = noActivity;
  #modelTroubles: readonly Trouble[] = [];
  #machineId: string | undefined;

  constructor(parts: MonitorParts, settings: MonitorSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /**
   * Looks at what is asked for, in the order in which one needs the other: logs and servers belong to processes, which
   * sessions are wanted depends on all three, and models on the sessions. Without processes and models all is done when it
   * returns, before the promise resolves. `nowMs` is asked for each source. Rejects with a bug only: a source that fails
   * says so in its reading.
   */
  async refresh(request: RefreshRequest, nowMs: () => number): Promise<void> {
    const { processes, logs, live, sessions, models } = request;
    if (processes) await this.#lookAtProcesses(processes, nowMs());
    if (logs) this.#log = this.#parts.log.refresh(this.#processes?.processes ?? [], nowMs());
    if (live) this.#lookAtLive(nowMs());
    if (sessions) this.#lookAtSessions(sessions, nowMs());
    if (models) await this.#lookAtModels();
  }

  /** From the next look on, sessions that no process runs are on the Board, too, and processes of tools; or not. */
  includeAll(all: boolean): void {
    this.#settings = { ...this.#settings, includeIdle: all, includeTools: all };
  }

  async #lookAtProcesses(look: 'full' | 'known', nowMs: number): Promise<void> {
    const reading = await this.#parts.processes.sample(look, nowMs);
    this.#processes = reading;
    this.#parts.sessions.holdPaths([...new Set(reading.processes.flatMap(({ databases }) => databases))]);
  }

  #lookAtLive(nowMs: number): void {
    const processes = this.#processes?.processes ?? [];
    this.#live = mergeReports(this.#parts.live.map((source) => source.refresh(processes, nowMs)));
    this.#hosts = this.#parts.hosts.flatMap((source) => source.refresh(nowMs));
  }

  /** Resolves once every plugin and server that is known had its say: false where there is none, so nothing new. */
  async settled(): Promise<boolean> {
    const waits = [...this.#parts.live, ...this.#parts.hosts].flatMap((source) => source.settled?.() ?? []);
    await Promise.all(waits);
    return waits.length > 0;
  }

  /** Calls back whenever a plugin or a server has something new to say. */
  listenLive(onChange: () => void): void {
    for (const source of [...this.#parts.live, ...this.#parts.hosts]) source.listen(onChange);
  }

  #lookAtSessions(wanted: RefreshRequest['sessions'], nowMs: number): void {
    const look = {
      processes: this.#processes?.processes ?? [],
      log: this.#log?.byPid ?? new Map(),
      extraEvidence: this.#live.evidence,
      previous: this.#correlation.matches,
    };
    const { includeIdle } = this.#settings;
    const request = wantedSessions(look, { includeIdle, sums: wanted !== 'states' });
    this.#sessions = this.#parts.sessions.refresh(request, nowMs);
    if (wanted !== 'history') return;
    const { sessions } = this.#sessions;
    this.#refillHistory(sessions, nowMs);
    this.#history.observe(sessions.values(), nowMs);
  }

  /** Whether some process was at work when it was last looked at. */
  get isBusy(): boolean {
    return this.#processes?.processes.some(isBusy) ?? false;
  }

  /** When the processes were last looked at. */
  get processesAtMs(): number | undefined {
    return this.#processes?.atMs;
  }

  /** True while a large database is not wholly read yet: each look at the sessions reads a slice more. */
  get isCatchingUp(): boolean {
    return this.isMissingSessions || this.#sessions?.totalsProgress !== undefined;
  }

  /** True while sessions that are wanted on the Board were not read for want of time. */
  get isMissingSessions(): boolean {
    return this.#sessions?.unfinished === true;
  }

  async #lookAtModels(): Promise<void> {
    const sessions = [...(this.#sessions?.sessions.values() ?? [])];
    const directories = new Set(sessions.flatMap(({ directoryPath }) => directoryPath ?? []));
    this.#modelTroubles = await this.#parts.models.refresh(directories);
  }

  /** The Board of what was last seen, judged at `nowMs`. */
  board(nowMs: number): Board {
    const scene = {
      processes: this.#processes?.processes ?? [],
      sessions: this.#sessions?.sessions ?? new Map(),
      log: this.#log?.byPid ?? new Map(),
      nowMs,
    };
    this.#activity = rememberActivity(this.#activity, scene);
    this.#correlation = correlate({
      ...scene,
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

  /** What `why` explains from: the look behind `board`. */
  evidence(board: Board): WhyInput {
    return {
      correlation: this.#correlation,
      processes: this.#processes?.processes ?? [],
      sessions: this.#sessions?.sessions ?? new Map(),
      log: this.#log?.byPid ?? new Map(),
      rows: board.rows,
      nowMs: board.atMs,
    };
  }

  /** Files whose writing means that the databases, or the logs, should be looked at. */
  watchPaths(): { readonly sessions: readonly string[]; readonly logs: readonly string[] } {
    return { sessions: this.#parts.sessions.watchPaths, logs: this.#log?.watchPaths ?? [] };
  }

  close(): void {
    this.#parts.close();
  }

  /** The last hour of sessions that are new to us and moved within it; what follows, `observe` counts. */
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
