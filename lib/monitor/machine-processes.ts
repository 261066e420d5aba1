import { hostname } from 'node:os';
import type { ProcessSource } from '../domain/board/readings.ts';
import { openProcesses } from '../sources/process/source.ts';
import type { Context } from '../system/context.ts';
import { loadPerCore } from '../system/own-use.ts';
import { runCommand } from '../system/run-program.ts';
import { machineId } from './machine-id.ts';
import { typedAtMs } from './typed-at.ts';

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
