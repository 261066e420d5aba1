import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { LogDescriptor, OpencodeProcess } from '../../domain/process/process.ts';
import { sanitize } from '../../text/sanitize.ts';
import { Children } from './children.ts';
import { CpuMeter } from './cpu-meter.ts';
import { ListeningPorts } from './listening.ts';
import { furthestOfEach, LogPositions, type OpenFiles, sortOpenFiles } from './open-files.ts';
import type { Attempt, Proc } from './proc.ts';
import { missingTexts } from './proc.ts';
import { Census } from './proc-fs-table.ts';
import { isDead, type ProcStat, terminalName } from './proc-stat.ts';
import { ancestorsOf, type ProcessFinder, type Sighting, type Sightings } from './process-sample.ts';
import { type Identity, identify, maybeOpencode } from './program.ts';

/** A process between fork and exec still bears its parent's name and arguments; no tool's child does so for longer. */
const forkMs = 1000;

/** The wall clock was set, or the machine slept, where it moves by more than this against the monotonic one. */
const clockGrainMs = 100;

const noFiles: OpenFiles = { databases: [], logs: [], socketInodes: [], terminalGone: false };

/** An opencode process as last looked at. */
interface Known {
  readonly identity: Identity;
  readonly files: Attempt<OpenFiles>;
  readonly workingDirectory: Attempt<string>;
  readonly ports: readonly number[];
  readonly ttyNumber: number;
}

export interface LinuxOptions {
  readonly proc: Proc;
  /** otop's own user, to say whose a process is that cannot be read. */
  readonly userId: number | undefined;
  readonly monotonicMs: () => number;
}

/**
 * Finds opencode processes in `/proc`, forking nothing. Every look lists the numbers and reads what is new; a full one
 * reads each process's stat line again and the open files of the opencode ones.
 */
export class LinuxProcesses implements ProcessFinder {
  readonly #proc: Proc;
  readonly #options: LinuxOptions;
  readonly #census: Census;
  readonly #children: Children;
  readonly #ports: ListeningPorts;
  readonly #positions: LogPositions;
  readonly #cpu = new CpuMeter();
  #known = new Map<number, Known>();
  #candidates: { readonly version: number; readonly pids: readonly number[] } = { version: -1, pids: [] };
  #bootedAtMs: number | undefined;
  /** What the wall clock was ahead of the monotonic one when the boot's time was asked for. */
  #aheadMs = Number.NaN;

  constructor(options: LinuxOptions) {
    this.#options = options;
    this.#proc = options.proc;
    this.#census = new Census(options.proc);
    this.#children = new Children(options.proc, this.#census);
    this.#ports = new ListeningPorts(options.proc);
    this.#positions = new LogPositions(options.proc.positionBytes);
  }

  /** Never rejects for what a process does; a `/proc` that cannot be listed is a trouble. */
  async look(look: 'full' | 'known', nowMs: number): Promise<Sightings> {
    const atMs = this.#options.monotonicMs();
    try {
      this.#census.take(look, atMs);
    } catch (error) {
      const text = sanitize(`/proc cannot be listed: ${String(error)}`);
      return { sightings: [], troubles: [{ source: 'processes', text }] };
    }
    this.#setClock(nowMs, atMs);
    this.#known = this.#findKnown(look, atMs);
    const pids = new Set(this.#known.keys());
    this.#positions.begin(pids);
    const children = this.#children.of(pids, this.#bootedAtMs, atMs);
    const sightings = [...this.#known.values()].flatMap(
      (known) => this.#sighting(known, children.get(known.identity.pid) ?? [], atMs) ?? [],
    );
    this.#cpu.forgetOthers();
    return { sightings, troubles: [] };
  }

  close(): void {
    // Nothing is held open between two looks.
  }

  /** Start times stay as they are from look to look, unless the wall clock was set. */
  #setClock(nowMs: number, atMs: number): void {
    const aheadMs = nowMs - atMs;
    if (Math.abs(aheadMs - this.#aheadMs) < clockGrainMs) return;
    const bootedAtMs = this.#proc.bootedAtMs(nowMs);
    if (bootedAtMs !== undefined) this.#aheadMs = aheadMs;
    const moved = this.#bootedAtMs === undefined || Math.abs((bootedAtMs ?? 0) - this.#bootedAtMs) > 1000;
    if (bootedAtMs !== undefined && moved) this.#bootedAtMs = bootedAtMs;
  }

  #findKnown(look: 'full' | 'known', atMs: number): Map<number, Known> {
    const found = new Map<number, Known>();
    for (const pid of this.#named()) {
      const stat = this.#census.get(pid);
      if (stat === undefined || isDead(stat)) continue;
      const again = look === 'full' || this.#census.isYoung(stat.pid, atMs);
      const before = this.#before(stat);
      if (!before && !again) continue;
      const identity = this.#settled(before, stat, atMs) ?? identify(this.#proc, stat);
      if (!identity || this.#isFork(identity, stat, atMs)) continue;
      found.set(stat.pid, before && !again ? before : this.#inspect(identity, stat, atMs));
    }
    return found;
  }

  /** The numbers of what may be opencode by its name, looked for where any process is other than at the last look. */
  #named(): readonly number[] {
    const { version } = this.#census;
    if (this.#candidates.version !== version) {
      const named = this.#census.all().filter(({ name }) => maybeOpencode(name));
      this.#candidates = { version, pids: named.map(({ pid }) => pid).sort((a, b) => a - b) };
    }
    return this.#candidates.pids;
  }

  #before(stat: ProcStat): Known | undefined {
    const known = this.#known.get(stat.pid);
    return known?.identity.startTicks === stat.startTicks ? known : undefined;
  }

  /** Arguments and environment are a program's for good: they are read again only while it is young, when it may yet become another. */
  #settled(before: Known | undefined, stat: ProcStat, atMs: number): Identity | undefined {
    const isSame = before?.identity.name === stat.name && !this.#census.isYoung(stat.pid, atMs);
    return isSame ? before.identity : undefined;
  }

  #isFork({ args }: Identity, stat: ProcStat, atMs: number): boolean {
    const parent = this.#known.get(stat.parentPid)?.identity;
    const isCopy = parent?.name === stat.name && parent.args.join('\0') === args.join('\0');
    return isCopy && this.#census.knownForMs(stat.pid, atMs) < forkMs;
  }

  #inspect(identity: Identity, stat: ProcStat, atMs: number): Known {
    const { pid } = identity;
    const descriptors = this.#proc.descriptors(pid);
    const files: Attempt<OpenFiles> =
      descriptors.kind === 'read' ? { kind: 'read', value: sortOpenFiles(descriptors.value) } : descriptors;
    const inodes = files.kind === 'read' ? files.value.socketInodes : [];
    const ports = this.#ports.of(inodes, this.#census.isYoung(pid, atMs), atMs);
    const workingDirectory = this.#proc.workingDirectory(pid);
    return { identity, files, workingDirectory, ports, ttyNumber: stat.ttyNumber };
  }

  /** The process as it is now; undefined where it ended since its number was listed. */
  #sighting(before: Known, children: OpencodeProcess['children'], atMs: number): Sighting | undefined {
    const { pid, startTicks, name, kind, args, tmuxSocket } = before.identity;
    const stat = this.#census.refresh(pid);
    // Another name under the same number and start: it has become another program.
    if (stat?.startTicks !== startTicks || stat.name !== name) return undefined;
    const { known, logs } = this.#current(before, stat, atMs);
    const { workingDirectory } = known;
    if (workingDirectory.kind === 'gone') return undefined;
    const files = known.files.kind === 'read' ? known.files.value : noFiles;
    const ancestors = ancestorsOf(pid, (of) => this.#census.get(of)?.parentPid);
    const tty = terminalName(stat.ttyNumber) ?? files.tty;
    const cwd = workingDirectory.kind === 'read' ? workingDirectory.value : undefined;
    const startedByPid = this.#startedBy(known.identity, ancestors, tty);
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
      missing: this.#missing(known),
    });
    const lineage = [...ancestors, stat.sessionPid];
    return omitUndefined({ process, lineage, tmuxSocket });
  }

  /** Files are listed again out of turn where the terminal changed, as on a hangup, or a log's descriptor is no more. */
  #current(known: Known, stat: ProcStat, atMs: number): { known: Known; logs: readonly LogDescriptor[] } {
    const logs = this.#logs(known);
    const isSame =
      known.ttyNumber === stat.ttyNumber && logs.every(({ positionBytes }) => positionBytes !== undefined);
    if (isSame) return { known, logs: furthestOfEach(logs) };
    const again = this.#inspect(known.identity, stat, atMs);
    this.#known.set(stat.pid, again);
    return { known: again, logs: furthestOfEach(this.#logs(again)) };
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

  #logs({ identity: { pid }, files }: Known): readonly LogDescriptor[] {
    if (files.kind !== 'read') return [];
    return files.value.logs.map(({ fd, path, deleted }) => {
      const readPath = deleted ? this.#proc.descriptorPath(pid, fd) : path;
      const positionBytes = this.#positions.of(pid, fd, readPath);
      return omitUndefined({ readPath, path, deleted, positionBytes });
    });
  }

  /**
   * `OPENCODE_PID` is inherited by everything below, even by the panes of a tmux server that a tool once started: it
   * counts where that process is an ancestor, or where there is no terminal of one's own.
   */
  #startedBy(identity: Identity, ancestors: readonly number[], tty: string | undefined): number | undefined {
    if (identity.environmentDenied) return ancestors.find((pid) => this.#known.has(pid));
    const { toolOfPid } = identity;
    if (toolOfPid === undefined) return undefined;
    return ancestors.includes(toolOfPid) || tty === undefined ? toolOfPid : undefined;
  }

  /** A hangup takes the terminal: descriptor 0 shows it deleted, or there is none and init, or a user's systemd, is the parent. */
  #isOrphan(known: Known, stat: ProcStat, tty: string | undefined): boolean {
    const { kind } = known.identity;
    if (kind !== 'tui' && kind !== 'run' && kind !== 'attach') return false;
    if (known.files.kind === 'read' && known.files.value.terminalGone) return true;
    const adopted = stat.parentPid === 1 || this.#census.get(stat.parentPid)?.name === 'systemd';
    return kind === 'tui' && tty === undefined && adopted;
  }

  #missing(known: Known): OpencodeProcess['missing'] {
    const code = known.identity.environmentDenied;
    const environment = code === undefined ? { kind: 'unasked' as const } : { kind: 'denied' as const, code };
    const attempts = { 'working directory': known.workingDirectory, 'open files': known.files, environment };
    return missingTexts(attempts, () => this.#proc.userId(known.identity.pid), this.#options.userId);
  }
}
