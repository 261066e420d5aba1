import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ProcessReading, ProcessSource } from '../domain/board/readings.ts';
import { machineName } from '../sources/marker/places.ts';
import { openProcesses } from '../sources/process/source.ts';
import type { Context, Machine } from '../system/context.ts';
import { loadPerCore } from '../system/own-use.ts';

/** The `machineId` of this machine and user. */
export function ownMachineId({ procRoot }: Machine): string {
  return machineId({ procRoot, hostName: hostname(), userId: process.getuid?.() });
}

/** The source of the opencode processes of this machine. */
export function machineProcesses({ env, clock, machine }: Context): ProcessSource {
  return openProcesses({
    ...machine,
    environment: env,
    userId: process.getuid?.(),
    monotonicMs: clock.monotonicMs,
    loadPerCore,
    typedAtMs,
  });
}

/** The facts that distinguish machines with the same name, and users of one machine. */
export interface MachineTraits {
  /** `/proc`, which identifies this boot and this container. */
  readonly procRoot: string;
  /** `os.hostname()`. */
  readonly hostName: string;
  /** `process.getuid()`. */
  readonly userId: number | undefined;
}

/**
 * An id of this user on this machine since its boot: 16 hexadecimal digits of a hash, which reveal neither of them.
 */
export function machineId({ procRoot, hostName, userId }: MachineTraits): string {
  const traits = [machineName(procRoot), hostName, userId ?? ''].join('\n');
  // Loaded on demand: most starts follow no other machine and never need it.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(traits).digest('hex').slice(0, 16);
}

/**
 * When a program last read input of a terminal (`pts/3`), in wall-clock milliseconds. This is the access time of its
 * device, from which w(1) computes idle times. Linux updates it at most every eight seconds (drivers/tty/tty_io.c,
 * `tty_update_time`). Undefined if the device cannot be read.
 */
export function typedAtMs(tty: string): number | undefined {
  try {
    return statSync(join('/dev', tty), { throwIfNoEntry: false })?.atimeMs;
  } catch {
    // A sandbox may hide devices; otop then relies on other evidence.
    return undefined;
  }
}

/**
 * Wraps a source and starts its first sample at once, so that tmux responds and CPU time passes while otop still
 * loads. The first `sample` call returns that prefetched sample, whatever its arguments.
 */
export function withPrefetch(source: ProcessSource, nowMs: number): ProcessSource {
  let prefetched: Promise<ProcessReading> | undefined = source.sample('full', nowMs);
  // Prevents an unhandled rejection before the first `sample` call awaits it.
  prefetched.catch(() => undefined);
  return {
    sample(scope, atMs) {
      const first = prefetched;
      prefetched = undefined;
      return first ?? source.sample(scope, atMs);
    },
    close: () => source.close(),
  };
}
