import type { Trouble } from '../../domain/board/board.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { parseArguments } from '../../domain/process/arguments.ts';
import type {
  ChildProcess,
  LogDescriptor,
  OpencodeProcess,
  ProcessKind,
} from '../../domain/process/process.ts';
import type { Run } from '../../system/run-program.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { CpuMeter } from './cpu-meter.ts';
import { type LsofProcess, lsofArguments, parseLsof } from './lsof.ts';
import { furthestOfEach, type OpenFiles, sortOpenFiles } from './open-files.ts';
import { ancestorsOf, type ProcessFinder, type Sighting, type Sightings } from './process-sample.ts';
import { forgetUsage, type Listed, listProcesses, readUsage, type Used } from './process-table.ts';
import { opencodeArguments } from './program.ts';

const lsofTimeoutMs = 1500;
/** How long a slow or absent lsof is left alone. */
const lsofPauseMs = 30_000;

interface Found {
  readonly listed: Listed;
  readonly kind: ProcessKind;
  readonly args: readonly string[];
  /** opencode 2's own background server, which its TUI starts: no tool's doing. */
  readonly isService: boolean;
}

/** All that a look has gathered. */
interface Gathered {
  readonly found: ReadonlyMap<number, Found>;
  readonly all: ReadonlyMap<number, Listed>;
  readonly openFiles: ReadonlyMap<number, LsofProcess>;
}

export interface DarwinOptions {
  readonly run: Run;
  readonly monotonicMs: () => number;
}

function findOpencode(all: ReadonlyMap<number, Listed>): ReadonlyMap<number, Found> {
  const found = new Map<number, Found>();
  for (const listed of all.values()) {
    const args = opencodeArguments(listed.program);
    const kind = args && parseArguments(args).kind;
    if (args && kind) found.set(listed.pid, { listed, kind, args, isService: args.includes('--service') });
  }
  return found;
}

/**
 * Finds opencode processes with ps-list, lsof and pidusage: for macOS, and wherever `/proc` cannot be read. A full look
 * forks `ps` three times and lsof once, one at the known processes `ps` once, whatever the number of processes.
 */
export class DarwinProcesses implements ProcessFinder {
  readonly #options: DarwinOptions;
  readonly #cpu = new CpuMeter();
  #gathered: Gathered = { found: new Map(), all: new Map(), openFiles: new Map() };
  #elapsedMs = new Map<number, number>();
  #lsofTrouble: DisplayText | undefined;
  #lsofAgainAtMs = Number.NEGATIVE_INFINITY;
  #listedAtMs: number | undefined;

  constructor(options: DarwinOptions) {
    this.#options = options;
  }

  /** Never rejects for what a command does; where `ps` fails the last good processes stay, with a trouble. */
  async look(look: 'full' | 'known', nowMs: number): Promise<Sightings> {
    try {
      if (look === 'full') await this.#gather(nowMs);
      const usage = await readUsage([...this.#gathered.found.keys()]);
      return { sightings: this.#sightings(usage), troubles: this.#troubles() };
    } catch (error) {
      const text = sanitize(`ps does not answer: ${error instanceof Error ? error.message : String(error)}`);
      const stale = this.#listedAtMs === undefined ? {} : { staleSinceMs: this.#listedAtMs };
      return { sightings: this.#sightings(undefined), troubles: [{ source: 'processes', text, ...stale }] };
    }
  }

  close(): void {
    forgetUsage();
  }

  async #gather(nowMs: number): Promise<void> {
    const all = await listProcesses();
    const found = findOpencode(all);
    const openFiles = await this.#lsof([...found.keys()]);
    this.#gathered = { all, found, openFiles };
    this.#elapsedMs = new Map();
    this.#listedAtMs = nowMs;
  }

  /** What lsof said last is kept while it is left alone: descriptors rarely change, and wrong numbers are dropped with their process. */
  async #lsof(pids: readonly number[]): Promise<ReadonlyMap<number, LsofProcess>> {
    const atMs = this.#options.monotonicMs();
    if (pids.length === 0) return new Map();
    if (atMs < this.#lsofAgainAtMs) return this.#gathered.openFiles;
    const result = await this.#options.run('lsof', lsofArguments(pids), { timeoutMs: lsofTimeoutMs });
    if (result.kind === 'ended') {
      this.#lsofTrouble = undefined;
      return parseLsof(result.stdout);
    }
    this.#lsofAgainAtMs = atMs + lsofPauseMs;
    this.#lsofTrouble = sanitize(
      result.kind === 'timeout'
        ? `lsof gave no answer within ${lsofTimeoutMs} ms`
        : result.kind === 'not found'
          ? 'lsof is not installed'
          : `lsof failed: ${result.reason}`,
    );
    return this.#gathered.openFiles;
  }

  #troubles(): readonly Trouble[] {
    if (!this.#lsofTrouble) return [];
    const text = sanitize(`${this.#lsofTrouble}: directories, logs and ports of processes are not known`);
    return [{ source: 'processes', text }];
  }

  /** Those of the found that still run; all of them where the usage could not be had. */
  #sightings(usage: ReadonlyMap<number, Used> | undefined): readonly Sighting[] {
    const atMs = this.#options.monotonicMs();
    const sightings = [...this.#gathered.found.values()].flatMap((found) => {
      const used = usage?.get(found.listed.pid);
      if (usage && (!used || this.#isAnother(found.listed.pid, used))) return [];
      return [this.#sighting(found, used, atMs)];
    });
    this.#cpu.forgetOthers();
    return sightings.sort((a, b) => a.process.pid - b.process.pid);
  }

  /** True where the number was given to a younger process since the last look. */
  #isAnother(pid: number, { elapsedMs }: Used): boolean {
    const before = this.#elapsedMs.get(pid) ?? 0;
    // Whole seconds, and two clocks: only a leap back is another process.
    if (elapsedMs < before - 2000) return true;
    this.#elapsedMs.set(pid, elapsedMs);
    return false;
  }

  #sighting({ listed, kind, args }: Found, used: Used | undefined, atMs: number): Sighting {
    const { pid, parentPid, startedAtMs } = listed;
    const lsof = this.#gathered.openFiles.get(pid);
    const files = lsof && sortOpenFiles(lsof.descriptors);
    const cpuPercent = used && this.#cpu.percent(`${pid}:${startedAtMs}`, used.cpuMs, atMs);
    const ancestors = ancestorsOf(pid, (of) => this.#gathered.all.get(of)?.parentPid);
    const startedByPid = this.#startedBy(pid, ancestors);
    const isTerminalLess =
      kind === 'tui' && files !== undefined && files.tty === undefined && parentPid === 1;
    const process: OpencodeProcess = omitUndefined({
      pid,
      parentPid,
      kind,
      args,
      startedAtMs,
      cwd: lsof?.cwd,
      cwdText: lsof?.cwd === undefined ? undefined : sanitize(lsof.cwd),
      tty: files?.tty === undefined ? undefined : sanitize(files.tty),
      orphan: isTerminalLess || files?.terminalGone === true,
      startedByPid,
      cpuPercent,
      rssBytes: used?.rssBytes,
      databases: files?.databases ?? [],
      logs: logsOf(files, lsof),
      ports: lsof?.ports ?? [],
      children: childrenOf(pid, this.#gathered.all),
      missing: lsof?.cwd === undefined ? [this.#missing()] : [],
    });
    return { process, lineage: ancestors };
  }

  #startedBy(pid: number, ancestors: readonly number[]): number | undefined {
    if (this.#gathered.found.get(pid)?.isService) return undefined;
    return ancestors.find((ancestor) => this.#gathered.found.has(ancestor));
  }

  #missing(): DisplayText {
    const reason = this.#lsofTrouble ?? 'lsof shows nothing of it; it may belong to another user';
    return sanitize(`not readable: working directory, open files (${reason})`);
  }
}

function logsOf(files: OpenFiles | undefined, lsof: LsofProcess | undefined): readonly LogDescriptor[] {
  const logs = (files?.logs ?? []).map(({ fd, path, deleted }) => {
    const positionBytes = lsof?.positions.get(fd);
    return omitUndefined({ readPath: path, path, deleted, positionBytes });
  });
  return furthestOfEach(logs);
}

function childrenOf(parent: number, all: ReadonlyMap<number, Listed>): readonly ChildProcess[] {
  return [...all.values()]
    .filter(({ parentPid }) => parentPid === parent)
    .map(({ pid, startedAtMs, command }) =>
      omitUndefined({ pid, command: sanitize(command.slice(0, 2000), 200), startedAtMs }),
    );
}
