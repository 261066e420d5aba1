import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { LogDescriptor, OpencodeProcess } from '../../domain/process/process.ts';
import { sanitize } from '../../text/sanitize.ts';
import { Children } from './children.ts';
import { CpuMeter } from './cpu-meter.ts';
import { ListeningPorts } from './listening.ts';
import { furthestPerLog, LogPositions, type OpenFiles, sortOpenFiles } from './open-files.ts';
import type { Attempt, Proc } from './proc.ts';
import { missingTexts } from './proc.ts';
import { ProcFsTable } from './proc-fs-table.ts';
import { isDead, type ProcStat, terminalName } from './proc-stat.ts';
import {
  ancestorsOf,
  type ProcessFinder,
  type ProcessSample,
  type ProcessSamples,
} from './process-sample.ts';
import { type Identity, identify, mayBeOpencode } from './program.ts';

/** Between fork and exec a child has the name and the arguments of its parent. The child of a tool needs less time. */
const forkMs = 1000;

/** If the wall clock moves by more than this against the monotonic clock, it was set or the machine slept. */
const clockToleranceMs = 100;

const noFiles: OpenFiles = { databases: [], logs: [], socketInodes: [], isTerminalGone: false };

/** An opencode process, as it was last read. */
interface KnownProcess {
  readonly identity: Identity;
  readonly files: Attempt<OpenFiles>;
  readonly workingDirectory: Attempt<string>;
  readonly ports: readonly number[];
  readonly ttyNumber: number;
}

export interface LinuxOptions {
  readonly proc: Proc;
  /** The user of otop, to name the owner of a process that cannot be read. */
  readonly userId: number | undefined;
  readonly monotonicMs: () => number;
}

/**
 * Finds opencode processes in `/proc`, without running a program. Each sample lists the pids and reads new processes. A
 * full sample also reads the stat lines of all processes, and the open files of opencode processes.
 */
export class LinuxProcesses implements ProcessFinder {
  readonly #proc: Proc;
  readonly #options: LinuxOptions;
  readonly #table: ProcFsTable;
  readonly #children: Children;
  readonly #ports: ListeningPorts;
  readonly #positions: LogPositions;
  readonly #cpu = new CpuMeter();
  #known = new Map<number, KnownProcess>();
  #candidates: { readonly changeCount: number; readonly pids: readonly number[] } = {
    changeCount: -1,
    pids: [],
  };
  #bootedAtMs: number | undefined;
  /** The wall clock minus the monotonic clock, from the last time that the boot time was read. */
  #clockOffsetMs = Number.NaN;

  constructor(options: LinuxOptions) {
    this.#options = options;
    this.#proc = options.proc;
    this.#table = new ProcFsTable(options.proc);
    this.#children = new Children(options.proc, this.#table);
    this.#ports = new ListeningPorts(options.proc);
    this.#positions = new LogPositions(options.proc.positionBytes);
  }

  /** Never rejects because of a process; returns a trouble if `/proc` cannot be listed. */
  async sample(scope: 'full' | 'known', nowMs: number): Promise<ProcessSamples> {
    const atMs = this.#options.monotonicMs();
    try {
      this.#table.update(scope, atMs);
    } catch (error) {
      const text = sanitize(`/proc cannot be listed: ${String(error)}`);
      return { samples: [], troubles: [{ source: 'processes', text }] };
    }
    this.#updateBootTime(nowMs, atMs);
    this.#known = this.#findKnown(scope, atMs);
    const pids = new Set(this.#known.keys());
    this.#positions.beginSample(pids);
    const children = this.#children.of(pids, this.#bootedAtMs, atMs);
    const samples = [...this.#known.values()].flatMap(
      (known) => this.#sampleOf(known, children.get(known.identity.pid) ?? [], atMs) ?? [],
    );
    this.#cpu.endSample();
    return { samples, troubles: [] };
  }

  /** Does nothing. */
  close(): void {
    // No file stays open between two samples.
  }

  /** Reads the boot time again only if the wall clock was set, so that start times do not vary between samples. */
  #updateBootTime(nowMs: number, atMs: number): void {
    const offsetMs = nowMs - atMs;
    if (Math.abs(offsetMs - this.#clockOffsetMs) < clockToleranceMs) return;
    const bootedAtMs = this.#proc.bootedAtMs(nowMs);
    if (bootedAtMs !== undefined) this.#clockOffsetMs = offsetMs;
    const isMoved = this.#bootedAtMs === undefined || Math.abs((bootedAtMs ?? 0) - this.#bootedAtMs) > 1000;
    if (bootedAtMs !== undefined && isMoved) this.#bootedAtMs = bootedAtMs;
  }

  #findKnown(scope: 'full' | 'known', atMs: number): Map<number, KnownProcess> {
    const found = new Map<number, KnownProcess>();
    for (const pid of this.#candidatePids()) {
      const stat = this.#table.get(pid);
      if (stat === undefined || isDead(stat)) continue;
      const isDue = scope === 'full' || this.#table.isYoung(stat.pid, atMs);
      const known = this.#knownAs(stat);
      if (!known && !isDue) continue;
      const identity = this.#cachedIdentity(known, stat, atMs) ?? identify(this.#proc, stat);
      if (!identity || this.#isFork(identity, stat, atMs)) continue;
      found.set(stat.pid, known && !isDue ? known : this.#inspect(identity, stat, atMs));
    }
    return found;
  }

  /** The pids of processes whose name may be that of opencode; cached while the table is the same. */
  #candidatePids(): readonly number[] {
    const { changeCount } = this.#table;
    if (this.#candidates.changeCount !== changeCount) {
      const named = this.#table.all().filter(({ name }) => mayBeOpencode(name));
      this.#candidates = { changeCount, pids: named.map(({ pid }) => pid).sort((a, b) => a - b) };
    }
    return this.#candidates.pids;
  }

  /** The known process with the pid and start time of `stat`. */
  #knownAs(stat: ProcStat): KnownProcess | undefined {
    const known = this.#known.get(stat.pid);
    return known?.identity.startTicks === stat.startTicks ? known : undefined;
  }

  /** The known identity; undefined while the process is young, because it may still become another program. */
  #cachedIdentity(known: KnownProcess | undefined, stat: ProcStat, atMs: number): Identity | undefined {
    const isSame = known?.identity.name === stat.name && !this.#table.isYoung(stat.pid, atMs);
    return isSame ? known.identity : undefined;
  }

  /** True for a child of opencode that has not called `exec` yet. */
  #isFork({ args }: Identity, stat: ProcStat, atMs: number): boolean {
    const parent = this.#known.get(stat.parentPid)?.identity;
    const isCopy = parent?.name === stat.name && parent.args.join('\0') === args.join('\0');
    return isCopy && this.#table.seenForMs(stat.pid, atMs) < forkMs;
  }

  #inspect(identity: Identity, stat: ProcStat, atMs: number): KnownProcess {
    const { pid } = identity;
    const descriptors = this.#proc.descriptors(pid);
    const files: Attempt<OpenFiles> =
      descriptors.kind === 'read' ? { kind: 'read', value: sortOpenFiles(descriptors.value) } : descriptors;
    const inodes = files.kind === 'read' ? files.value.socketInodes : [];
    const ports = this.#ports.of(inodes, this.#table.isYoung(pid, atMs), atMs);
    const workingDirectory = this.#proc.workingDirectory(pid);
    return { identity, files, workingDirectory, ports, ttyNumber: stat.ttyNumber };
  }

  /** Reads the process again; undefined if it has ended since the pids were listed. */
  #sampleOf(
    last: KnownProcess,
    children: OpencodeProcess['children'],
    atMs: number,
  ): ProcessSample | undefined {
    const { pid, startTicks, name, kind, args, tmuxSocket } = last.identity;
    const stat = this.#table.reread(pid);
    // A new name with the same pid and start time means that the process has become another program.
    if (stat?.startTicks !== startTicks || stat.name !== name) return undefined;
    const { known, logs } = this.#withCurrentLogs(last, stat, atMs);
    const { workingDirectory } = known;
    if (workingDirectory.kind === 'gone') return undefined;
    const files = known.files.kind === 'read' ? known.files.value : noFiles;
    const ancestors = ancestorsOf(pid, (of) => this.#table.get(of)?.parentPid);
    const tty = terminalName(stat.ttyNumber) ?? files.tty;
    const cwd = workingDirectory.kind === 'read' ? workingDirectory.value : undefined;
    const startedByPid = this.#startedByPid(known.identity, ancestors, tty);
    const process: OpencodeProcess = omitUndefined({
      pid,
      parentPid: stat.parentPid,
      kind,
      args,
      ...this.#measures(stat, atMs),
      cwd,
      cwdText: cwd === undefined ? undefined : sanitize(cwd),
      tty: tty === undefined ? undefined : sanitize(tty),
      orphan: this.#isOrphan(known, stat, tty),
      startedByPid,
      databases: files.databases,
      logs,
      ports: known.ports,
      children,
      missing: this.#missingTexts(known),
    });
    const lineage = [...ancestors, stat.sessionPid];
    return omitUndefined({ process, lineage, tmuxSocket });
  }

  /** Lists the open files again at once if the terminal changed (after a hangup) or if the descriptor of a log is gone. */
  #withCurrentLogs(
    known: KnownProcess,
    stat: ProcStat,
    atMs: number,
  ): { known: KnownProcess; logs: readonly LogDescriptor[] } {
    const logs = this.#logs(known);
    const isSame =
      known.ttyNumber === stat.ttyNumber && logs.every(({ positionBytes }) => positionBytes !== undefined);
    if (isSame) return { known, logs: furthestPerLog(logs) };
    const updated = this.#inspect(known.identity, stat, atMs);
    this.#known.set(stat.pid, updated);
    return { known: updated, logs: furthestPerLog(this.#logs(updated)) };
  }

  #measures(stat: ProcStat, atMs: number) {
    const { ticksPerSecond, pageBytes } = this.#proc.units();
    const cpuMs = (stat.cpuTicks / ticksPerSecond) * 1000;
    const cpuPercent = this.#cpu.percent(`${stat.pid}:${stat.startTicks}`, cpuMs, atMs);
    const bootedAtMs = this.#bootedAtMs;
    return {
      rssBytes: stat.rssPages * pageBytes,
      cpuPercent,
      startedAtMs:
        bootedAtMs === undefined
          ? undefined
          : Math.round(bootedAtMs + (stat.startTicks / ticksPerSecond) * 1000),
    };
  }

  #logs({ identity: { pid }, files }: KnownProcess): readonly LogDescriptor[] {
    if (files.kind !== 'read') return [];
    return files.value.logs.map(({ fd, path, deleted }) => {
      const readPath = deleted ? this.#proc.descriptorPath(pid, fd) : path;
      const positionBytes = this.#positions.of(pid, fd, readPath);
      return omitUndefined({ readPath, path, deleted, positionBytes });
    });
  }

  /**
   * The opencode that started this process. All descendants inherit `OPENCODE_PID`, even the panes of a tmux server that
   * a tool started. So it counts only if that process is an ancestor, or if this process has no terminal.
   */
  #startedByPid(
    identity: Identity,
    ancestors: readonly number[],
    tty: string | undefined,
  ): number | undefined {
    if (identity.environmentDenied) return ancestors.find((pid) => this.#known.has(pid));
    const { toolOfPid } = identity;
    if (toolOfPid === undefined) return undefined;
    return ancestors.includes(toolOfPid) || tty === undefined ? toolOfPid : undefined;
  }

  /**
   * True if a hangup removed the terminal: it shows as deleted, or a TUI has none and its parent is init or systemd. A
   * server may run without a terminal, so it is no orphan.
   */
  #isOrphan(known: KnownProcess, stat: ProcStat, tty: string | undefined): boolean {
    const { kind } = known.identity;
    if (kind !== 'tui' && kind !== 'run' && kind !== 'attach') return false;
    if (known.files.kind === 'read' && known.files.value.isTerminalGone) return true;
    const isAdopted = stat.parentPid === 1 || this.#table.get(stat.parentPid)?.name === 'systemd';
    return kind === 'tui' && tty === undefined && isAdopted;
  }

  #missingTexts(known: KnownProcess): OpencodeProcess['missing'] {
    const code = known.identity.environmentDenied;
    const environment = code === undefined ? { kind: 'skipped' as const } : { kind: 'denied' as const, code };
    const attempts = { 'working directory': known.workingDirectory, 'open files': known.files, environment };
    return missingTexts(attempts, () => this.#proc.userId(known.identity.pid), this.#options.userId);
  }
}
