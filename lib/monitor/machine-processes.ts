import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ProcessReading, ProcessSource } from '../domain/board/readings.ts';
import { machineName } from '../sources/marker/places.ts';
import { openProcesses } from '../sources/process/source.ts';
import type { Context } from '../system/context.ts';
import { loadPerCore } from '../system/own-use.ts';
import { runCommand } from '../system/run-program.ts';

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

/** What tells one machine from another of the same name, and one user's sessions from another's there. */
export interface MachineTraits {
  /** `/proc`: of this boot, and in this container. */
  readonly procRoot: string;
  /** `os.hostname()`. */
  readonly hostName: string;
  /** `process.getuid()`. */
  readonly userId: number | undefined;
}

/** A name for this user on this machine since its boot, in 16 hexadecimal digits, which tells nothing else of either. */
export function machineId({ procRoot, hostName, userId }: MachineTraits): string {
  const traits = [machineName(procRoot), hostName, userId ?? ''].join('\n');
  // Loaded where it is asked for: most starts are of one machine, and never do.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(traits).digest('hex').slice(0, 16);
}

/**
 * When a program last read what was typed at a terminal (`pts/3`), in milliseconds of the wall clock: the access time of its
 * device, by which w(1) tells who is idle. Linux moves it every eight seconds at most (drivers/tty/tty_io.c,
 * `tty_update_time`). Undefined where the device cannot be looked at.
 */
export function typedAtMs(tty: string): number | undefined {
  try {
    return statSync(join('/dev', tty), { throwIfNoEntry: false })?.atimeMs;
  } catch {
    // A sandbox may hide devices: then other signs have to do.
    return undefined;
  }
}

/**
 * The same source with its first look under way: tmux answers and processor time passes while the rest of otop loads.
 * The first `sample` gives that look, however it is asked.
 */
export function withEarlyLook(source: ProcessSource, nowMs: number): ProcessSource {
  let early: Promise<ProcessReading> | undefined = source.sample('full', nowMs);
  // Handled where it is awaited; until then nobody listens.
  early.catch(() => undefined);
  return {
    sample(look, atMs) {
      const first = early;
      early = undefined;
      return first ?? source.sample(look, atMs);
    },
    close: () => source.close(),
  };
}
