import type { Trouble } from '../../domain/board/board.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { parseArguments } from '../../domain/process/arguments.ts';
import type {
  ChildProcess,
  LogDescriptor,
  OpencodeProcess,
  ProcessKind,
} from '../../domain/process/process.ts';
import { isService } from '../../domain/process/viewers.ts';
import type { Run } from '../../system/run-program.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { CpuMeter } from './cpu-meter.ts';
import { type LsofProcess, lsofArguments, parseLsof } from './lsof.ts';
import { furthestPerLog, type OpenFiles, sortOpenFiles } from './open-files.ts';
import {
  ancestorsOf,
  type ProcessFinder,
  type ProcessSample,
  type ProcessSamples,
} from './process-sample.ts';
import { forgetUsage, type ListedProcess, listProcesses, readUsage, type Usage } from './process-table.ts';
import { opencodeArguments } from './program.ts';

const lsofTimeoutMs = 1500;
/** The delay before a slow or missing lsof is run again. */
const lsofRetryMs = 30_000;

interface OpencodeEntry {
  readonly listed: ListedProcess;
  readonly kind: ProcessKind;
  readonly args: readonly string[];
  /** True for the background server of opencode 2, which is started by a TUI and not by a tool. */
  readonly isService: boolean;
}

/** The result of the last full sample. */
interface FullSample {
  readonly opencodes: ReadonlyMap<number, OpencodeEntry>;
  readonly all: ReadonlyMap<number, ListedProcess>;
  readonly openFiles: ReadonlyMap<number, LsofProcess>;
}

export interface DarwinOptions {
  readonly run: Run;
  readonly monotonicMs: () => number;
}

function findOpencode(all: ReadonlyMap<number, ListedProcess>): ReadonlyMap<number, OpencodeEntry> {
  const opencodes = new Map<number, OpencodeEntry>();
  for (const listed of all.values()) {
    const args = opencodeArguments(listed.program);
    const kind = args && parseArguments(args).kind;
    if (args && kind) opencodes.set(listed.pid, { listed, kind, args, isService: isService({ kind, args }) });
  }
  return opencodes;
}

/**
 * Finds opencode processes with ps-list, lsof and pidusage: on macOS, and on Linux if `/proc` cannot be read. A full
 * sample runs `ps` three times and lsof once, a sample of known processes `ps` once, for any number of processes.
 */
export class DarwinProcesses implements ProcessFinder {
  readonly #options: DarwinOptions;
  readonly #cpu = new CpuMeter();
  #last: FullSample = { opencodes: new Map(), all: new Map(), openFiles: new Map() };
  #elapsedMs = new Map<number, number>();
  #lsofTrouble: DisplayText | undefined;
  #lsofRetryAtMs = Number.NEGATIVE_INFINITY;
  #listedAtMs: number | undefined;

  constructor(options: DarwinOptions) {
    this.#options = options;
  }

  /** Never rejects because a command fails. If `ps` fails, the last processes are returned again with a trouble. */
  async sample(scope: 'full' | 'known', nowMs: number): Promise<ProcessSamples> {
    try {
      if (scope === 'full') await this.#sampleAll(nowMs);
      const usage = await readUsage([...this.#last.opencodes.keys()]);
      return { samples: this.#samples(usage), troubles: this.#troubles() };
    } catch (error) {
      const text = sanitize(`ps failed: ${error instanceof Error ? error.message : String(error)}`);
      const stale = this.#listedAtMs === undefined ? {} : { staleSinceMs: this.#listedAtMs };
      return { samples: this.#samples(undefined), troubles: [{ source: 'processes', text, ...stale }] };
    }
  }

  /** Clears the history of pidusage. */
  close(): void {
    forgetUsage();
  }

  async #sampleAll(nowMs: number): Promise<void> {
    const all = await listProcesses();
    const opencodes = findOpencode(all);
    const openFiles = await this.#lsof([...opencodes.keys()]);
    this.#last = { all, opencodes, openFiles };
    this.#elapsedMs = new Map();
    this.#listedAtMs = nowMs;
  }

  /** Runs lsof. After a failure the last result is used until the retry, because descriptors rarely change. */
  async #lsof(pids: readonly number[]): Promise<ReadonlyMap<number, LsofProcess>> {
    const atMs = this.#options.monotonicMs();
    if (pids.length === 0) return new Map();
    if (atMs < this.#lsofRetryAtMs) return this.#last.openFiles;
    const result = await this.#options.run('lsof', lsofArguments(pids), { timeoutMs: lsofTimeoutMs });
    if (result.kind === 'ended') {
      this.#lsofTrouble = undefined;
      return parseLsof(result.stdout);
    }
    this.#lsofRetryAtMs = atMs + lsofRetryMs;
    this.#lsofTrouble = sanitize(
      result.kind === 'timeout'
        ? `lsof did not answer within ${lsofTimeoutMs} ms`
        : result.kind === 'not found'
          ? 'lsof is not installed'
          : `lsof failed: ${result.reason}`,
    );
    return this.#last.openFiles;
  }

  #troubles(): readonly Trouble[] {
    if (!this.#lsofTrouble) return [];
    const text = sanitize(`${this.#lsofTrouble}: directories, logs and ports of processes are unknown`);
    return [{ source: 'processes', text }];
  }

  /** The opencode processes that still run; all of them if `usage` is undefined because `ps` failed. */
  #samples(usage: ReadonlyMap<number, Usage> | undefined): readonly ProcessSample[] {
    const atMs = this.#options.monotonicMs();
    const samples = [...this.#last.opencodes.values()].flatMap((entry) => {
      const used = usage?.get(entry.listed.pid);
      if (usage && (!used || this.#isReusedPid(entry.listed.pid, used))) return [];
      return [this.#sampleOf(entry, used, atMs)];
    });
    this.#cpu.endSample();
    return samples.sort((a, b) => a.process.pid - b.process.pid);
  }

  /** True if the pid belongs to a younger process since the last sample. */
  #isReusedPid(pid: number, { elapsedMs }: Usage): boolean {
    const lastElapsedMs = this.#elapsedMs.get(pid) ?? 0;
    // The age has whole seconds and depends on two clocks, so only a larger decrease means another process.
    if (elapsedMs < lastElapsedMs - 2000) return true;
    this.#elapsedMs.set(pid, elapsedMs);
    return false;
  }

  #sampleOf({ listed, kind, args }: OpencodeEntry, used: Usage | undefined, atMs: number): ProcessSample {
    const { pid, parentPid, startedAtMs } = listed;
    const lsof = this.#last.openFiles.get(pid);
    const files = lsof && sortOpenFiles(lsof.descriptors);
    const cpuPercent = used && this.#cpu.percent(`${pid}:${startedAtMs}`, used.cpuMs, atMs);
    const ancestors = ancestorsOf(pid, (of) => this.#last.all.get(of)?.parentPid);
    const startedByPid = this.#startedByPid(pid, ancestors);
    const isAdoptedTui = kind === 'tui' && files !== undefined && files.tty === undefined && parentPid === 1;
    const process: OpencodeProcess = omitUndefined({
      pid,
      parentPid,
      kind,
      args,
      startedAtMs,
      cwd: lsof?.cwd,
      cwdText: lsof?.cwd === undefined ? undefined : sanitize(lsof.cwd),
      tty: files?.tty === undefined ? undefined : sanitize(files.tty),
      orphan: isAdoptedTui || files?.isTerminalGone === true,
      startedByPid,
      cpuPercent,
      rssBytes: used?.rssBytes,
      databases: files?.databases ?? [],
      logs: logsOf(files, lsof),
      ports: lsof?.ports ?? [],
      children: childrenOf(pid, this.#last.all),
      missing: lsof?.cwd === undefined ? [this.#missingText()] : [],
    });
    return { process, lineage: ancestors };
  }

  #startedByPid(pid: number, ancestors: readonly number[]): number | undefined {
    if (this.#last.opencodes.get(pid)?.isService) return undefined;
    return ancestors.find((ancestor) => this.#last.opencodes.has(ancestor));
  }

  #missingText(): DisplayText {
    const reason = this.#lsofTrouble ?? 'lsof shows nothing about it; it may belong to another user';
    return sanitize(`not readable: working directory, open files (${reason})`);
  }
}

function logsOf(files: OpenFiles | undefined, lsof: LsofProcess | undefined): readonly LogDescriptor[] {
  const logs = (files?.logs ?? []).map(({ fd, path, deleted }) => {
    const positionBytes = lsof?.positions.get(fd);
    return omitUndefined({ readPath: path, path, deleted, positionBytes });
  });
  return furthestPerLog(logs);
}

function childrenOf(parent: number, all: ReadonlyMap<number, ListedProcess>): readonly ChildProcess[] {
  return [...all.values()]
    .filter(({ parentPid }) => parentPid === parent)
    .map(({ pid, startedAtMs, command }) =>
      omitUndefined({ pid, command: sanitize(command.slice(0, 2000), 200), startedAtMs }),
    );
}
