import type { ReportedStatus } from '../reported-status.ts';
import type { AssistantMessage, Part, Session, TurnEnd, UserMessage } from '../session.ts';
import { isOfTwo, latest } from '../session.ts';
import { wasCutShort, wasRejected } from './ended.ts';
import type { StateEvidence } from './state-evidence.ts';

/**
 * The phase of a session's newest turn:
 * - `empty`: no message yet; `not-read`: otop did not read the messages
 * - `undone`: between an /undo and the next prompt
 * - `prompted`: a user message waits for the first step of its answer
 * - `step`: a live process writes an assistant message; `queued` is a prompt behind it
 * - `between`: a step ended with tool calls, and the next is due
 * - `left`: unfinished, and no live process can finish it
 * - `over`: finished, failed or aborted; `end` is opencode 2's own record of it
 */
export type Turn =
  | { readonly phase: 'empty' | 'not-read' | 'undone' }
  | {
      readonly phase: 'prompted';
      readonly message?: UserMessage | undefined;
      readonly sinceMs?: number | undefined;
    }
  | { readonly phase: 'step'; readonly step: AssistantMessage; readonly queued?: UserMessage | undefined }
  | { readonly phase: 'between'; readonly step: AssistantMessage }
  | { readonly phase: 'left'; readonly lastSignMs?: number | undefined }
  | {
      readonly phase: 'over';
      readonly step?: AssistantMessage | undefined;
      readonly endedAtMs?: number | undefined;
      readonly end?: TurnEnd | undefined;
    };

/**
 * After a step that ended with tool calls, the next step follows within milliseconds. Without one after this time the
 * turn is over (opencode.md, "Permission rejected").
 */
const nextStepGraceMs = 2_000;
/** A prompt without an answer for this long failed before its first message (an unknown model, a plugin that threw). */
const unansweredMs = 60_000;
/** `/proc` start times are precise to about a second: the boot time in whole seconds plus ticks. */
const startTimeSlackMs = 1_000;
/** The minimum distance of an "idle" after the last sign of life; a shorter one may belong to the previous turn. */
const idleLagMs = 500;

/** The plugin reports the time of the event itself, in opencode's order, so its "idle" needs no distance. */
function reportLagMs({ source }: ReportedStatus): number {
  return source === 'marker' ? 0 : idleLagMs;
}
/** The `finish` values after which opencode's loop continues. */
const continuingFinishes: ReadonlySet<string> = new Set(['tool-calls', 'unknown']);

/** The phase of the newest turn. Never `prompted`, `step` or `between` without a live process. */
export function readTurn(evidence: StateEvidence): Turn {
  const { session } = evidence;
  const step = session.newestAssistant;
  const waiting = unansweredMessage(session);
  if (session.reverted) return { phase: 'undone' };
  if (session.claimedAtMs !== undefined) return claimedTurn(evidence, session.claimedAtMs, waiting);
  if (session.turnEnd !== undefined) return endedTurn(evidence, session.turnEnd, waiting);
  if (step === undefined && waiting === undefined) return turnWithoutMessages(session);
  if (waiting !== undefined && isOwn(evidence, waiting.createdAtMs)) {
    // A prompt of opencode 2 has a row only once it is delivered: an open step before it was left.
    const isBehindStep =
      step !== undefined &&
      step.seq === undefined &&
      !isFinished(step) &&
      isOwn(evidence, beganAtMs(step)) &&
      !idleSinceMs(evidence, step);
    if (isBehindStep) return { phase: 'step', step, queued: waiting };
    return answerIsDue(evidence, waiting)
      ? { phase: 'prompted', message: waiting, sinceMs: waiting.createdAtMs }
      : { phase: 'over', endedAtMs: waiting.createdAtMs };
  }
  if (waiting !== undefined)
    return resumedOrLeft(evidence, waiting.createdAtMs ?? session.activeAtMs, waiting);
  return step === undefined ? { phase: 'empty' } : turnOfStep(evidence, step);
}

function turnOfStep(evidence: StateEvidence, step: AssistantMessage): Turn {
  if (isFinished(step)) {
    const endedAtMs = step.completedAtMs ?? step.updatedAtMs;
    return nextStepIsDue(evidence, step) ? { phase: 'between', step } : { phase: 'over', step, endedAtMs };
  }
  const idleAtMs = idleSinceMs(evidence, step);
  if (idleAtMs !== undefined) return { phase: 'over', step, endedAtMs: idleAtMs };
  if (wasCutShort(step)) return { phase: 'over', step, endedAtMs: lastSignMs(step) };
  if (isOwn(evidence, beganAtMs(step))) return { phase: 'step', step };
  return resumedOrLeft(evidence, lastSignMs(step) ?? evidence.session.activeAtMs);
}

function turnWithoutMessages(session: Session): Turn {
  return { phase: session.messageCount === undefined ? 'not-read' : 'empty' };
}

/**
 * opencode 2: `time_suspended` is set for the whole turn, also between its steps, and survives a crash (opencode-2.md,
 * "Claim and idle"). So it counts only if the turn showed activity after the start of the process, or if the service says that
 * it has resumed it.
 */
function claimedTurn(evidence: StateEvidence, claimedAtMs: number, waiting: UserMessage | undefined): Turn {
  const step = evidence.session.newestAssistant;
  const activeMs = latest([claimedAtMs, step && lastSignMs(step), waiting?.createdAtMs]);
  if (!isOwn(evidence, activeMs)) return resumedOrLeft(evidence, activeMs);
  if (evidence.session.turnEnd !== undefined) return { phase: 'prompted', sinceMs: claimedAtMs };
  if (waiting !== undefined) return { phase: 'prompted', message: waiting, sinceMs: waiting.createdAtMs };
  if (step !== undefined && !isFinished(step)) return { phase: 'step', step };
  return step === undefined ? { phase: 'prompted', sinceMs: claimedAtMs } : { phase: 'between', step };
}

/**
 * opencode 2.x: the newest row ends the turn. A server that reports the session at work after that has begun the next turn.
 * A step older than the prompt belongs to an earlier turn.
 */
function endedTurn(evidence: StateEvidence, end: TurnEnd, waiting: UserMessage | undefined): Turn {
  const { reported, session } = evidence;
  if (saysBusy(reported) && end.atMs !== undefined && reported.atMs > end.atMs + reportLagMs(reported))
    return { phase: 'prompted', sinceMs: end.atMs };
  const step = waiting === undefined ? session.newestAssistant : undefined;
  return { phase: 'over', step, endedAtMs: end.atMs ?? session.idleAtMs, end };
}

/** The newest user message, if no assistant message follows it. */
function unansweredMessage({ newestUser, newestAssistant }: Session): UserMessage | undefined {
  if (newestUser === undefined || newestAssistant === undefined) return newestUser;
  return isNewer(newestUser, newestAssistant) ? newestUser : undefined;
}

/**
 * Compares the places in the session, which only opencode 2 has: a prompt that waited keeps its old time. Else compares the
 * times, and the ids within one millisecond (ids ascend: opencode.md, "Ids").
 */
function isNewer(one: UserMessage, other: AssistantMessage): boolean {
  if (one.seq !== undefined && other.seq !== undefined) return one.seq > other.seq;
  const [a, b] = [one.createdAtMs, other.createdAtMs];
  return a !== undefined && b !== undefined && a !== b ? a > b : one.id > other.id;
}

function isFinished(step: AssistantMessage): boolean {
  return step.completedAtMs !== undefined || step.error !== undefined;
}

/** True if the live process can have begun the work at `beganMs`: a process never finishes the work of an earlier one. */
function isOwn({ process }: StateEvidence, beganMs: number | undefined): boolean {
  if (process === undefined) return false;
  if (beganMs === undefined || process.startedAtMs === undefined) return true;
  return beganMs >= process.startedAtMs - startTimeSlackMs;
}

/** True if opencode itself reports the session at work. */
function saysBusy(reported: ReportedStatus | undefined): reported is ReportedStatus {
  return reported?.activity !== undefined && reported.activity.kind !== 'idle';
}

/**
 * The phase of an unfinished turn that began before the process: a service of opencode 2 that lists the session at work has
 * resumed it, else it is left.
 */
function resumedOrLeft(
  { session, process, reported }: StateEvidence,
  lastSignMs: number | undefined,
  message?: UserMessage,
): Turn {
  const isListed = process !== undefined && reported?.source === 'server' && saysBusy(reported);
  return isListed && isOfTwo(session)
    ? { phase: 'prompted', message, sinceMs: process.startedAtMs }
    : { phase: 'left', lastSignMs };
}

function answerIsDue({ reported, nowMs }: StateEvidence, waiting: UserMessage): boolean {
  const promptedAtMs = waiting.createdAtMs;
  if (
    reported?.activity !== undefined &&
    (promptedAtMs === undefined || reported.atMs > promptedAtMs + reportLagMs(reported))
  ) {
    return reported.activity.kind !== 'idle';
  }
  return promptedAtMs !== undefined && Math.abs(nowMs - promptedAtMs) < unansweredMs;
}

function nextStepIsDue({ reported, process, nowMs }: StateEvidence, step: AssistantMessage): boolean {
  if (process !== undefined && goesOn(step, reported)) return true;
  const mayContinue =
    process !== undefined && step.error === undefined && continuingFinishes.has(step.finish ?? '');
  if (!mayContinue || step.completedAtMs === undefined) return false;
  if (reported?.activity !== undefined && reported.atMs >= step.completedAtMs)
    return reported.activity.kind !== 'idle';
  if (wasRejected(step)) return false;
  return Math.abs(nowMs - step.completedAtMs) <= nextStepGraceMs;
}

/**
 * True if a server of opencode 2 reports the session at work after this step ended, in any way: it lists whole turns
 * (opencode-2.md, "API of the builds").
 */
function goesOn(step: AssistantMessage, reported: ReportedStatus | undefined): boolean {
  const endedAtMs = step.completedAtMs ?? step.updatedAtMs;
  if (step.seq === undefined || reported?.source !== 'server' || endedAtMs === undefined) return false;
  return saysBusy(reported) && reported.atMs > endedAtMs + idleLagMs;
}

/** When the turn of this unfinished step ended, by the log, a report or opencode 2; undefined if none says so. */
function idleSinceMs(
  { session, reported, log, nowMs }: StateEvidence,
  step: AssistantMessage,
): number | undefined {
  const lastMs = Math.max(lastSignMs(step) ?? 0, session.newestUser?.createdAtMs ?? 0);
  if (session.idleAtMs !== undefined) return session.idleAtMs;
  if (reported?.activity?.kind === 'idle' && reported.atMs > lastMs + reportLagMs(reported)) {
    // A server's response has the time of the request, not of the end.
    return reported.source === 'marker' ? reported.atMs : lastMs;
  }
  const loopEndedMs = log?.exact ? log.loopEndedAtMs.get(session.id) : undefined;
  // An abort logs `cancel` just before it finishes the message: wait for the message.
  if (loopEndedMs !== undefined && loopEndedMs > lastMs && Math.abs(nowMs - loopEndedMs) > idleLagMs)
    return loopEndedMs;
  return undefined;
}

function beganAtMs(step: AssistantMessage): number | undefined {
  return step.createdAtMs ?? step.updatedAtMs;
}

/** The latest time of a step and its parts; undefined if none has a time. */
export function lastSignMs(step: AssistantMessage): number | undefined {
  return latest([step.createdAtMs, step.updatedAtMs, step.completedAtMs, ...step.parts.flatMap(partTimes)]);
}

function partTimes(part: Part): (number | undefined)[] {
  if (part.kind === 'tool') return [part.call.startedAtMs, part.call.endedAtMs, part.call.updatedAtMs];
  if (part.kind === 'text' || part.kind === 'reasoning')
    return [part.startedAtMs, part.endedAtMs, part.updatedAtMs];
  return [part.updatedAtMs];
}
