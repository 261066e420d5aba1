import { readdirSync } from 'node:fs';
import type { ProcessReading, ProcessSource } from '../../domain/board/readings.ts';
import { DarwinProcesses } from './darwin.ts';
import { LinuxProcesses } from './linux.ts';
import { openProc } from './proc.ts';
import type { ProcessFinder } from './process-sample.ts';
import { type TmuxOptions, TmuxServers } from './tmux.ts';

/** The machine, as the source needs it; specs give another one. */
export interface Machine extends TmuxOptions {
  readonly platform: NodeJS.Platform;
  /** `/proc`. */
  readonly procRoot: string;
}

function hasProc(root: string): boolean {
  try {
    return readdirSync(root).some((name) => /^\d+$/.test(name));
  } catch {
    // Not mounted, or hidden by a sandbox: ps and lsof may know more.
    return false;
  }
}

/** The platform's own way to find processes, joined with tmux. */
class Processes implements ProcessSource {
  readonly #finder: ProcessFinder;
  readonly #tmux: TmuxServers;

  constructor(finder: ProcessFinder, tmux: TmuxServers) {
    this.#finder = finder;
    this.#tmux = tmux;
  }

  async sample(look: 'full' | 'known', nowMs: number): Promise<ProcessReading> {
    const { sightings, troubles } = await this.#finder.look(look, nowMs);
    await this.#tmux.refresh(sightings, nowMs);
    const processes = sightings.map((sighting) => {
      const pane = this.#tmux.paneOf(sighting);
      return pane ? { ...sighting.process, pane } : sighting.process;
    });
    return { atMs: nowMs, processes, troubles: [...troubles, ...this.#tmux.troubles()] };
  }

  close(): void {
    this.#finder.close();
  }
}

/**
 * The machine's opencode processes. On Linux every `sample` finds new processes, a `full` one also those that became
 * opencode late in life; elsewhere only a `full` one does. The first processor rate comes with the second sample.
 */
export function openProcesses(machine: Machine): ProcessSource {
  const isLinux = machine.platform === 'linux' && hasProc(machine.procRoot);
  const finder = isLinux
    ? new LinuxProcesses({ ...machine, proc: openProc(machine.procRoot) })
    : new DarwinProcesses(machine);
  return new Processes(finder, new TmuxServers(machine));
}
