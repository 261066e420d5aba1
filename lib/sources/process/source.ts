import { readdirSync } from 'node:fs';
import type { ProcessReading, ProcessSource } from '../../domain/board/readings.ts';
import { DarwinProcesses } from './darwin.ts';
import { LinuxProcesses } from './linux.ts';
import { openProc } from './proc.ts';
import type { ProcessFinder } from './process-sample.ts';
import { type TmuxOptions, TmuxServers } from './tmux.ts';

/** The parts of the machine that the source uses, so that specs can replace them. */
export interface Machine extends TmuxOptions {
  readonly platform: NodeJS.Platform;
  /** `/proc`. */
  readonly procRoot: string;
}

function hasProc(root: string): boolean {
  try {
    return readdirSync(root).some((name) => /^\d+$/.test(name));
  } catch {
    // /proc is not mounted, or a sandbox hides it. ps and lsof may still work.
    return false;
  }
}

/** Joins the processes of the platform's finder with their tmux panes. */
class Processes implements ProcessSource {
  readonly #finder: ProcessFinder;
  readonly #tmux: TmuxServers;

  constructor(finder: ProcessFinder, tmux: TmuxServers) {
    this.#finder = finder;
    this.#tmux = tmux;
  }

  async sample(scope: 'full' | 'known', nowMs: number): Promise<ProcessReading> {
    const { samples, troubles } = await this.#finder.sample(scope, nowMs);
    await this.#tmux.refresh(samples, nowMs);
    const processes = samples.map((sample) => {
      const pane = this.#tmux.paneOf(sample);
      return pane ? { ...sample.process, pane } : sample.process;
    });
    return { atMs: nowMs, processes, troubles: [...troubles, ...this.#tmux.troubles()] };
  }

  close(): void {
    this.#finder.close();
  }
}

/**
 * Opens the source of the machine's opencode processes. On Linux each sample finds new processes, and a `full` sample
 * also old processes that became opencode; on other systems only a `full` sample does. CPU use needs two samples.
 */
export function openProcesses(machine: Machine): ProcessSource {
  const isLinux = machine.platform === 'linux' && hasProc(machine.procRoot);
  const finder = isLinux
    ? new LinuxProcesses({ ...machine, proc: openProc(machine.procRoot) })
    : new DarwinProcesses(machine);
  return new Processes(finder, new TmuxServers(machine));
}
