import { sanitize } from '../../../text/sanitize.ts';
import type { LogFacts } from '../../evidence/log-facts.ts';
import type { StateEvidence, Verdict } from './state-evidence.ts';
import { lastSignMs, type Turn } from './turn.ts';

/** A retry as the plugin or the server reports it: attempt, reason and time of the next attempt (opencode.md, "Endpoints"). */
export function retryByReport(turn: Turn, { reported }: StateEvidence): Verdict | undefined {
  if (reported?.activity?.kind !== 'retry' || (turn.phase !== 'step' && turn.phase !== 'prompted'))
    return undefined;
  const { attempt, message } = reported.activity;
  // A server's answer bears the time of the asking, not of the failure.
  const sinceMs = reported.source === 'marker' ? reported.atMs : beganAtMs(turn);
  return { name: 'retrying', detail: attemptText(attempt, message), sinceMs };
}

/**
 * A retry as the log shows it, for the database says nothing (opencode.md, "Retry"): an error of the last model request,
 * or repeated requests where the connection broke and no error was logged. While a repeated request is in flight after a logged
 * error the model is being waited for, as opencode's own screen shows it.
 */
export function retryByLog(turn: Turn, { session, log, reported }: StateEvidence): Verdict | undefined {
  const stream = log?.streams.findLast((one) => one.sessionId === session.id && one.agent !== 'title');
  if (turn.phase !== 'step' || stream === undefined || reported?.activity !== undefined) return undefined;
  const failedAtMs = stream.errorAtMs ?? (stream.attempts > 1 ? stream.atMs : undefined);
  const inFlight = stream.errorAtMs !== undefined && stream.atMs > stream.errorAtMs;
  if (failedAtMs === undefined || inFlight || isOvertaken(turn, failedAtMs + clockStepMs(log)))
    return undefined;
  const attempts = stream.errorAtMs === undefined ? stream.attempts - 1 : stream.attempts;
  return { name: 'retrying', detail: attemptText(attempts, stream.errorText), sinceMs: failedAtMs };
}

function beganAtMs(turn: Extract<Turn, { phase: 'step' | 'prompted' }>): number | undefined {
  return turn.phase === 'step' ? turn.step.createdAtMs : turn.sinceMs;
}

/** A part or a step that is younger than the failure: the retry got through, or the failure was of an older step. */
function isOvertaken({ step }: Extract<Turn, { phase: 'step' }>, failedAtMs: number): boolean {
  return (lastSignMs(step) ?? 0) > failedAtMs;
}

/** Logs up to 1.15, one a process, write whole seconds, rounded down: a failure may be this much younger than its line. */
function clockStepMs(log: LogFacts | undefined): number {
  return log?.run.endsWith('.log') ? 999 : 0;
}

/** The log puts the name of the AI library's class before the provider's words. */
function attemptText(attempt: number, message: string | undefined): Verdict['detail'] {
  const reason = message?.replace(/^AI_\w+: /, '');
  return sanitize(reason === undefined ? `attempt ${attempt}` : `attempt ${attempt}: ${reason}`);
}
