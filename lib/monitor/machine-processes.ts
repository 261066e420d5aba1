import { hostname } from 'node:os';
import type { Context } from './context.ts';
import type { ProcessSource } from './domain/readings.ts';
import { loadPerCore } from './own-use.ts';
import { machineId } from './sources/machine-id.ts';
import { runCommand } from './sources/process/run.ts';
import { openProcesses } from './sources/process/source.ts';
import { typedAtMs } from './sources/process/typed-at.ts';

/** Linux's folder of processes; on other systems there is none. */
export const procRoot = '/proc';

/** What tells this machine and user from others. */
export function ownMachineId(): string {
  return machineId({ procRoot, hostName: hostname(), userId: process.getuid?.() });
}

/** The opencode processes of the machine that otop runs on. */
export function machineProcesses({ env, clock }: Context): ProcessSource {
  return openProcesses({
    platform: process.platform,
    procRoot,
    environment: env,
    userId: process.getuid?.(),
    monotonicMs: clock.monotonicMs,
    loadPerCore,
    typedAtMs,
    run: runCommand,
  });
}
