import { sanitize } from '../../../text/sanitize.ts';
import type { LogFacts } from '../../evidence/log-facts.ts';
import type { StateEvidence, Verdict } from './state-evidence.ts';
import { lastSignMs, type Turn } from './turn.ts';

/** A retry that the plugin or the server reports, with attempt and reason (opencode.md, "Endpoints"); else undefined. */
export function retryByReport(turn: Turn, { reported }: StateEvidence): Verdict | undefined {
  if (reported?.activity?.kind !== 'retry' || (turn.phase !== 'step' && turn.phase !== 'prompted'))
    return undefined;
  const { attempt, message } = reported.activity;
  // A server's response has the time of the request, not of the failure.
  const sinceMs = reported.source === 'marker' ? reported.atMs : beganAtMs(turn);
  return { name: 'retrying', detail: attemptText(attempt, message), sinceMs };
}

/**
 * A retry by the message itself: opencode 2.x writes it and removes it when the retry starts (opencode-2.md, "Message
 * rows"). Undefined without one.
 */
export function retryByMessage(turn: Turn): Verdict | undefined {
  if (turn.phase !== 'step' || turn.step.retry === undefined) return undefined;
  const { attempt, message } = turn.step.retry;
  return { name: 'retrying', detail: attemptText(attempt, message), sinceMs: turn.step.updatedAtMs };
}

/**
 * A retry by the log, since the database holds none (opencode.md, "Retry"): the last model request logged an error, or
 * requests repeat without one because the connection broke. Undefined while a repeated request is in flight after a
 * logged error: opencode's own screen shows a wait for the model then.
 */
export function retryByLog(turn: Turn, { session, log, reported }: StateEvidence): Verdict | undefined {
  const stream = log?.streams.findLast((one) => one.sessionId === session.id && one.agent !== 'title');
  if (turn.phase !== 'step' || stream === undefined || reported?.activity !== undefined) return undefined;
  const failedAtMs = stream.errorAtMs ?? (stream.attempts > 1 ? stream.atMs : undefined);
  const inFlight = stream.errorAtMs !== undefined && stream.atMs > stream.errorAtMs;
  if (failedAtMs === undefined || inFlight || isOvertaken(turn, failedAtMs + roundingMs(log)))
    return undefined;
  const attempts = stream.errorAtMs === undefined ? stream.attempts - 1 : stream.attempts;
  return { name: 'retrying', detail: attemptText(attempts, stream.errorText), sinceMs: failedAtMs };
}

function beganAtMs(turn: Extract<Turn, { phase: 'step' | 'prompted' }>): number | undefined {
  return turn.phase === 'step' ? turn.step.createdAtMs : turn.sinceMs;
}

/** True if the step is younger than the failure: the retry succeeded, or the failure belongs to an older step. */
function isOvertaken({ step }: Extract<Turn, { phase: 'step' }>, failedAtMs: number): boolean {
  return (lastSignMs(step) ?? 0) > failedAtMs;
}

/** Logs up to 1.15 (one file per process) round times down to seconds: a failure can be this much later than its line. */
function roundingMs(log: LogFacts | undefined): number {
  return log?.run.endsWith('.log') ? 999 : 0;
}

/** The log prefixes the provider's message with the class name of the AI library. */
function attemptText(attempt: number, message: string | undefined): Verdict['detail'] {
  const reason = message?.replace(/^AI_\w+: /, '');
  return sanitize(reason === undefined ? `attempt ${attempt}` : `attempt ${attempt}: ${reason}`);
}
