import type { PresentProcess } from '../../sources/process/present.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';

/** A process as the person saw it on the screen. */
export interface SeenProcess {
  readonly pid: number;
  readonly startedAtMs?: number;
}

/** Asks to end, or ends by force. */
export type EndSignal = 'SIGTERM' | 'SIGKILL';

/** What is needed of the system; specs give another one. */
export interface Ender {
  /** The process of a number, this moment; undefined where there is none. */
  look(pid: number): Promise<PresentProcess | undefined>;
  /** `process.kill`. */
  kill(pid: number, signal: EndSignal): void;
  /** otop's own user. */
  readonly userId: number | undefined;
  pause(ms: number): Promise<void>;
}

/** Two readings of one start time differ by less: the clock is slewed, and macOS tells whole seconds. */
const startToleranceMs = 1500;
/** opencode puts its sessions away first; that takes a moment. */
const patienceMs = 3000;
const stepMs = 100;

/**
 * Sends a signal to the very process that was seen, and says in words what came of it. Nothing is sent where the number
 * belongs to another process by now, to someone else, or where that cannot be told. Never rejects.
 */
export async function endProcess(seen: SeenProcess, signal: EndSignal, ender: Ender): Promise<DisplayText> {
  const { pid } = seen;
  try {
    const refusal = refuse(seen, await ender.look(pid), ender.userId);
    if (refusal !== undefined) return sanitize(refusal);
    ender.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += stepMs) {
      await ender.pause(stepMs);
      if (!isSame(seen, await ender.look(pid))) return sanitize(`pid ${pid} has ended`);
    }
    const next = signal === 'SIGTERM' ? '; F9 again offers SIGKILL' : '';
    return sanitize(`pid ${pid} still runs ${patienceMs / 1000} s after ${signal}${next}`);
  } catch (error) {
    return sanitize(`pid ${pid} was not ended: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuse(seen: SeenProcess, present: PresentProcess | undefined, userId: number | undefined) {
  const { pid } = seen;
  if (!present) return `pid ${pid} had ended already`;
  if (present.userId === undefined || present.userId !== userId)
    return `pid ${pid} belongs to another user: nothing was done`;
  if (!isSame(seen, present)) return `pid ${pid} is another process by now: nothing was done`;
  return undefined;
}

function isSame({ startedAtMs }: SeenProcess, present: PresentProcess | undefined): boolean {
  if (startedAtMs === undefined || present?.startedAtMs === undefined) return false;
  return Math.abs(startedAtMs - present.startedAtMs) <= startToleranceMs;
}
