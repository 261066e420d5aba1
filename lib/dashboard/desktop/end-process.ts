import type { PresentProcess } from '../../sources/process/present.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** A process as the screen showed it to the user. */
export interface SeenProcess {
  readonly pid: number;
  readonly startedAtMs?: number;
}

/** SIGTERM asks a process to end; SIGKILL ends it by force. */
export type EndSignal = 'SIGTERM' | 'SIGKILL';

/** The system functions that `endProcess` uses; specs replace them. */
export interface ProcessControl {
  /** Reads the process with this pid now; undefined if there is none. */
  find(pid: number): Promise<PresentProcess | undefined>;
  /** `process.kill`. */
  kill(pid: number, signal: EndSignal): void;
  /** The user id of otop itself. */
  readonly userId: number | undefined;
  pause(ms: number): Promise<void>;
}

/** Two readings of one start time differ by less than this: the clock is slewed, and macOS reports whole seconds. */
const startToleranceMs = 1500;
/** The wait for the end: opencode saves its sessions first. */
const timeoutMs = 3000;
const stepMs = 100;

/**
 * Signals the process that the user saw, and returns the result in words. Sends nothing if the pid belongs to another
 * process or another user by now, or if that is unknown. Never rejects.
 */
export async function endProcess(
  seen: SeenProcess,
  signal: EndSignal,
  control: ProcessControl,
): Promise<DisplayText> {
  const { pid } = seen;
  try {
    const refusal = refusalReason(seen, await control.find(pid), control.userId);
    if (refusal !== undefined) return sanitize(refusal);
    control.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += stepMs) {
      await control.pause(stepMs);
      if (!isSame(seen, await control.find(pid))) return sanitize(`pid ${pid} has ended`);
    }
    const next = signal === 'SIGTERM' ? '; F9 again offers SIGKILL' : '';
    return sanitize(`pid ${pid} still runs ${timeoutMs / 1000} s after ${signal}${next}`);
  } catch (error) {
    return sanitize(`pid ${pid} was not ended: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refusalReason(seen: SeenProcess, present: PresentProcess | undefined, userId: number | undefined) {
  const { pid } = seen;
  if (!present) return `pid ${pid} had ended already`;
  if (present.userId === undefined || present.userId !== userId)
    return `pid ${pid} belongs to another user: nothing was done`;
  if (!isSame(seen, present)) return `pid ${pid} now belongs to another process: nothing was done`;
  return undefined;
}

function isSame({ startedAtMs }: SeenProcess, present: PresentProcess | undefined): boolean {
  if (startedAtMs === undefined || present?.startedAtMs === undefined) return false;
  return Math.abs(startedAtMs - present.startedAtMs) <= startToleranceMs;
}
