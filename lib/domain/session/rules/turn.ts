import type { ReportedStatus } from '../reported-status.ts';
import type { AssistantMessage, Part, Session, UserMessage } from '../session.ts';
import { latest } from '../session.ts';
import { wasRejected } from './ended.ts';
import type { StateEvidence } from './state-evidence.ts';

/**
 * Where a session's newest turn stands, before asking what the step is busy with:
 * - `empty`: no message yet; `unread`: its messages were not read
 * - `undone`: between an /undo and the next prompt
 * - `prompted`: a user message waits for the first step of its answer
 * - `step`: an assistant message is being written by a live process; `queued` is a prompt behind it
 * - `between`: a step ended for its tools, and the next is due
 * - `left`: unfinished, and nothing lives that could finish it
 * - `over`: finished, failed or aborted
 */
export type Turn =
  | { readonly phase: 'empty' | 'unread' | 'undone' }
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
    };

/**
 * A step that ended for its tools has a successor within milliseconds; after this long the turn is over (opencode.md,
 * "Permission rejected").
 */
const nextStepGraceMs = 2_000;
/** A prompt that nothing answers for so long failed before its first message (an unknown model, a plugin that threw). */
const unansweredMs = 60_000;
/** `/proc` start times are good to about a second: whole seconds of boot time, plus ticks. */
const startTimeSlackMs = 1_000;
/** How far an "it is idle" must lie behind the last sign of life to speak of this turn and not of the last. */
const idleLagMs = 500;

/** The plugin's words bear the time of the event itself, in opencode's own order: they need no such distance. */
function reportLagMs({ source }: ReportedStatus): number {
  return source === 'marker' ? 0 : idleLagMs;
}
/** The finishes after which opencode's own loop goes on. */
const goesOn: ReadonlySet<string> = new Set(['tool-calls', 'unknown']);

/** Where the newest turn stands. Never `prompted`, `step` or `between` without a live process. */
export function readTurn(evidence: StateEvidence): Turn {
  const { session } = evidence;
  const step = session.newestAssistant;
  const waiting = unansweredMessage(session);
  if (session.reverted) return { phase: 'undone' };
  if (session.claimedAtMs !== undefined) return claimedTurn(evidence, session.claimedAtMs, waiting);
  if (step === undefined && waiting === undefined) return turnWithoutMessages(session);
  if (waiting !== undefined && isOwn(evidence, waiting.createdAtMs)) {
    const behind =
      step !== undefined &&
      !isFinished(step) &&
      isOwn(evidence, beganAtMs(step)) &&
      !saidIdle(evidence, step);
    if (behind) return { phase: 'step', step, queued: waiting };
    return answerIsDue(evidence, waiting)
      ? { phase: 'prompted', message: waiting, sinceMs: waiting.createdAtMs }
      : { phase: 'over', endedAtMs: waiting.createdAtMs };
  }
  if (waiting !== undefined) return { phase: 'left', lastSignMs: waiting.createdAtMs ?? session.activeAtMs };
  return step === undefined ? { phase: 'empty' } : turnOfStep(evidence, step);
}

function turnOfStep(evidence: StateEvidence, step: AssistantMessage): Turn {
  if (isFinished(step)) {
    const endedAtMs = step.completedAtMs ?? step.updatedAtMs;
    return nextStepIsDue(evidence, step) ? { phase: 'between', step } : { phase: 'over', step, endedAtMs };
  }
  const idleAtMs = saidIdle(evidence, step);
  if (idleAtMs !== undefined) return { phase: 'over', step, endedAtMs: idleAtMs };
  if (isOwn(evidence, beganAtMs(step))) return { phase: 'step', step };
  return { phase: 'left', lastSignMs: lastSignMs(step) ?? evidence.session.activeAtMs };
}

function turnWithoutMessages(session: Session): Turn {
  return { phase: session.messageCount === undefined ? 'unread' : 'empty' };
}

/**
 * opencode 2: `time_suspended` is set from a turn's start to its end, between its steps too, and survives a crash
 * (opencode-2.md, "Claim and idle"); so it counts where the turn showed life since the process started.
 */
function claimedTurn(evidence: StateEvidence, claimedAtMs: number, waiting: UserMessage | undefined): Turn {
  const step = evidence.session.newestAssistant;
  const aliveMs = latest([claimedAtMs, step && lastSignMs(step), waiting?.createdAtMs]);
  if (!isOwn(evidence, aliveMs)) return { phase: 'left', lastSignMs: aliveMs };
  if (step !== undefined && !isFinished(step)) return { phase: 'step', step, queued: waiting };
  if (waiting !== undefined) return { phase: 'prompted', message: waiting, sinceMs: waiting.createdAtMs };
  return step === undefined ? { phase: 'prompted', sinceMs: claimedAtMs } : { phase: 'between', step };
}

/** The newest user message, where no assistant message follows it. */
function unansweredMessage({ newestUser, newestAssistant }: Session): UserMessage | undefined {
  if (newestUser === undefined || newestAssistant === undefined) return newestUser;
  return isNewer(newestUser, newestAssistant) ? newestUser : undefined;
}

/** Messages in order: by time, and by id within a millisecond (ids ascend: opencode.md, "Ids"). */
function isNewer(one: UserMessage, other: AssistantMessage): boolean {
  const [a, b] = [one.createdAtMs, other.createdAtMs];
  return a !== undefined && b !== undefined && a !== b ? a > b : one.id > other.id;
}

function isFinished(step: AssistantMessage): boolean {
  return step.completedAtMs !== undefined || step.error !== undefined;
}

/** True where something that began then can be the live process's own work: a process repairs nothing it did not begin. */
function isOwn({ process }: StateEvidence, beganMs: number | undefined): boolean {
  if (process === undefined) return false;
  if (beganMs === undefined || process.startedAtMs === undefined) return true;
  return beganMs >= process.startedAtMs - startTimeSlackMs;
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
  const mayGoOn = process !== undefined && step.error === undefined && goesOn.has(step.finish ?? '');
  if (!mayGoOn || step.completedAtMs === undefined) return false;
  if (reported?.activity !== undefined && reported.atMs >= step.completedAtMs)
    return reported.activity.kind !== 'idle';
  if (wasRejected(step)) return false;
  return Math.abs(nowMs - step.completedAtMs) <= nextStepGraceMs;
}

/** When the log, the plugin, the server or opencode 2 said that this unfinished step's turn is over. */
function saidIdle(
  { session, reported, log, nowMs }: StateEvidence,
  step: AssistantMessage,
): number | undefined {
  const lastMs = Math.max(lastSignMs(step) ?? 0, session.newestUser?.createdAtMs ?? 0);
  if (session.idleAtMs !== undefined) return session.idleAtMs;
  if (reported?.activity?.kind === 'idle' && reported.atMs > lastMs + reportLagMs(reported)) {
    // A server's answer bears the time of the asking, not of the end.
    return reported.source === 'marker' ? reported.atMs : lastMs;
  }
  const loopEndedMs = log?.exact ? log.loopEndedAtMs.get(session.id) : undefined;
  // An abort logs `cancel` first and finishes the message right after: wait for it.
  if (loopEndedMs !== undefined && loopEndedMs > lastMs && Math.abs(nowMs - loopEndedMs) > idleLagMs)
    return loopEndedMs;
  return undefined;
}

function beganAtMs(step: AssistantMessage): number | undefined {
  return step.createdAtMs ?? step.updatedAtMs;
}

/** The latest time that a step or any of its parts bears. */
export function lastSignMs(step: AssistantMessage): number | undefined {
  return latest([step.createdAtMs, step.updatedAtMs, step.completedAtMs, ...step.parts.flatMap(partTimes)]);
}

function partTimes(part: Part): (number | undefined)[] {
  if (part.kind === 'tool') return [part.call.startedAtMs, part.call.endedAtMs, part.call.updatedAtMs];
  if (part.kind === 'text' || part.kind === 'reasoning')
    return [part.startedAtMs, part.endedAtMs, part.updatedAtMs];
  return [part.updatedAtMs];
}
