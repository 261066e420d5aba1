import { sanitize } from '../../../text/sanitize.ts';
import type { AssistantMessage, Session } from '../session.ts';
import {
  oldestReportedAsk,
  type PendingPermission,
  pendingQuestion,
  permissionByAbsence,
  permissionByLog,
} from './asks.ts';
import { failure, failureOf, interruption, isTruncated } from './ended.ts';
import { retryByLog, retryByMessage, retryByReport } from './retry.ts';
import type { StateEvidence, Verdict } from './state-evidence.ts';
import type { Turn } from './turn.ts';
import { behind, betweenSteps, firstStep, workOf } from './work.ts';

/** One rule of the table. `says` is printed by `otop why`. */
export interface Rule {
  readonly id: string;
  readonly says: string;
  /** The section with the facts, checked by spec/citations.spec.ts; for 1.2.27 to 1.18.33 unless it names a version. */
  readonly source: string;
  /** The verdict, or undefined if the rule does not apply. */
  readonly decide: (turn: Turn, evidence: StateEvidence) => Verdict | undefined;
}

/** The rules in order; the first verdict wins. Asks come first, then an undo, retries, failures, work and rest. */
export const rules: readonly Rule[] = [
  {
    id: 'live-ask',
    says: "opencode itself (otop's plugin, its server) reports an unanswered ask, newer than the end of the turn",
    source: 'opencode.md, "Endpoints"; opencode.md, "Plugin events"',
    decide: (turn, evidence) => {
      const ask = oldestReportedAsk(evidence, turn.phase === 'over' ? turn.endedAtMs : undefined);
      if (ask === undefined) return undefined;
      const detail = ask.patterns.length === 0 ? undefined : sanitize(ask.patterns.join(' '));
      const { reported } = evidence;
      const sinceMs = ask.askedAtMs ?? (reported?.source === 'marker' ? reported.atMs : undefined);
      return { name: 'asking', askingFor: ask.kind, tool: ask.tool, detail, sinceMs };
    },
  },
  {
    id: 'question-part',
    says: 'a running `question` tool waits for its answer',
    source: 'opencode.md, "Question asked": certain by the database alone, every version',
    decide: onStep((step) => {
      const call = pendingQuestion(step);
      const detail = call?.question ?? call?.subject;
      return (
        call && {
          name: 'asking',
          askingFor: 'question',
          detail,
          sinceMs: call.startedAtMs ?? call.updatedAtMs,
        }
      );
    }),
  },
  {
    id: 'permission-log',
    says: "the process's log asks at the time of a running part without metadata, and nothing happened since",
    source: 'opencode.md, "Asking or running": the sound rule',
    decide: onStep((step, evidence) => permission(permissionByLog(step, evidence))),
  },
  {
    id: 'permission-inferred',
    says: 'no log to read: a shell call runs for over 1.5 s without metadata or a child process',
    source:
      'opencode.md, "Asking or running": right for bash on 1.14.41 and newer; opencode.md, "Child processes"',
    decide: onStep((step, evidence) => permission(permissionByAbsence(step, evidence))),
  },
  {
    id: 'raised-ask',
    says: 'a subagent asks: its person is the one at the root',
    source: 'opencode.md, "Subagent"',
    decide: (_, evidence) => raisedAsk(evidence),
  },
  {
    id: 'undone',
    says: 'between an /undo and the next prompt the newest messages no longer count',
    source: 'opencode.md, "Undo"',
    decide: (turn, { session }) =>
      turn.phase === 'undone'
        ? { name: 'idle', detail: sanitize('undone'), sinceMs: session.updatedAtMs, seen: true }
        : undefined,
  },
  {
    id: 'retry-live',
    says: 'opencode itself reports a retry',
    source: 'opencode.md, "Endpoints"; opencode.md, "Plugin events": session.status',
    decide: retryByReport,
  },
  {
    id: 'retry-message',
    says: 'opencode 2 wrote a due retry into the message',
    source: 'opencode-2.md, "Message rows"; opencode-2.md, "States"',
    decide: retryByMessage,
  },
  {
    id: 'retry-log',
    says: 'the log holds an error or a repeat of the last model request, and no part is younger',
    source: 'opencode.md, "Retry": nothing is written to the database',
    decide: retryByLog,
  },
  {
    id: 'error',
    says: 'the newest message holds an error that is no abort',
    source: 'opencode.md, "API error"',
    decide: onEnd((step, endedAtMs) => {
      const failed = failure(step);
      return failed && { name: 'error', ...failed, sinceMs: endedAtMs };
    }),
  },
  {
    id: 'error-turn',
    says: 'opencode 2 recorded that the newest turn failed, also if it left no message behind',
    source: 'opencode-2.md, "Message rows": idle; opencode-2.md, "States"',
    decide: failedTurn,
  },
  {
    id: 'error-live',
    says: 'opencode itself reports a failure of the newest prompt, which left no message behind',
    source: 'opencode.md, "Prompt without an answer"; opencode.md, "Plugin events": session.error',
    decide: unansweredFailure,
  },
  {
    id: 'truncated',
    says: 'the newest message was cut off at the output limit',
    source: 'opencode.md, "Output limit"',
    decide: onEnd((step, endedAtMs) =>
      isTruncated(step) ? { name: 'truncated', sinceMs: endedAtMs } : undefined,
    ),
  },
  {
    id: 'compacting-asked',
    says: 'a compaction was asked for and its summary has not begun',
    source: 'opencode.md, "Compaction": user message with a compaction part',
    decide: (turn) =>
      turn.phase === 'prompted' && turn.message?.kind === 'compaction'
        ? { name: 'compacting', sinceMs: turn.sinceMs }
        : undefined,
  },
  {
    id: 'compacting',
    says: "a compaction's summary is being written",
    source:
      'opencode.md, "Compaction": assistant message with `summary`; session.time_compacting is never set',
    decide: onStep((step) =>
      step.isSummary ? { name: 'compacting', sinceMs: step.createdAtMs } : undefined,
    ),
  },
  {
    id: 'queued',
    says: 'a prompt is younger than the step that is being written, or in the queue of opencode 2, and waits behind it',
    source: 'opencode.md, "Queued prompt"; opencode-2.md, "States"',
    decide: (turn, { session }) => {
      if (turn.phase !== 'step') return undefined;
      const waiting = turn.queued?.kind === 'prompt' ? { sinceMs: turn.queued.createdAtMs } : session.queue;
      if (waiting === undefined) return undefined;
      const work = workOf(turn.step);
      return { name: 'queued', tool: work.tool, detail: behind(work), sinceMs: waiting.sinceMs };
    },
  },
  {
    id: 'step',
    says: 'the newest part of the unfinished message tells: an open tool, an open text, reasoning, or none yet',
    source: 'opencode.md, "Work inside a step"',
    decide: onStep(workOf),
  },
  {
    id: 'prompted',
    says: 'a prompt of this process waits for its first step',
    source: 'opencode.md, "States in the database": the assistant row appears at the start of the step',
    decide: (turn) => (turn.phase === 'prompted' ? firstStep(turn.sinceMs) : undefined),
  },
  {
    id: 'between-steps',
    says: 'the step ended for its tools less than 2 s ago, or opencode says it is busy',
    source: 'opencode.md, "End of a step"',
    decide: (turn) => (turn.phase === 'between' ? betweenSteps(turn.step) : undefined),
  },
  {
    id: 'left',
    says: 'an unfinished turn that no live process began',
    source: 'opencode.md, "Killed": never repaired by a later resume',
    decide: (turn) => (turn.phase === 'left' ? { name: 'stale', sinceMs: turn.lastSignMs } : undefined),
  },
  {
    id: 'interrupted',
    says: 'the turn was ended by hand: aborted, aborted during a retry, or a permission rejected',
    source: 'opencode.md, "Aborted"; opencode.md, "Permission rejected"; opencode-2.md, "States"',
    decide: interrupted,
  },
  {
    id: 'idle',
    says: 'the turn is over',
    source: 'opencode.md, "Idle"',
    decide: (turn, { session }) =>
      turn.phase === 'over'
        ? { name: 'idle', detail: parked(session), sinceMs: turn.endedAtMs ?? session.activeAtMs }
        : undefined,
  },
  {
    id: 'new',
    says: 'the session has no message yet',
    source: 'opencode.md, "New session": rows appear with the first prompt',
    decide: (turn, { session }) =>
      turn.phase === 'empty'
        ? { name: 'new', sinceMs: session.createdAtMs ?? session.updatedAtMs }
        : undefined,
  },
];

function onStep(
  decide: (step: AssistantMessage, evidence: StateEvidence) => Verdict | undefined,
): Rule['decide'] {
  return (turn, evidence) => (turn.phase === 'step' ? decide(turn.step, evidence) : undefined);
}

function onEnd(decide: (step: AssistantMessage, endedAtMs?: number) => Verdict | undefined): Rule['decide'] {
  return (turn) =>
    turn.phase === 'over' && turn.step !== undefined ? decide(turn.step, turn.endedAtMs) : undefined;
}

function failedTurn(turn: Turn): Verdict | undefined {
  if (turn.phase !== 'over' || turn.end?.outcome !== 'failed') return undefined;
  const described = turn.end.error === undefined ? { detail: undefined } : failureOf(turn.end.error);
  return described && { name: 'error', ...described, sinceMs: turn.endedAtMs };
}

function interrupted(turn: Turn, { session }: StateEvidence): Verdict | undefined {
  if (turn.phase !== 'over') return undefined;
  const isRecorded = turn.end?.outcome === 'interrupted';
  const how = (turn.step && interruption(turn.step)) ?? (isRecorded ? 'aborted' : undefined);
  // opencode 2 records every end, so a step without a finish is no sign of an interruption.
  if (how === undefined || turn.end?.outcome === 'succeeded') return undefined;
  const detail = [how, parked(session)].filter((one) => one !== undefined).join(', ');
  return { name: 'idle', detail: sanitize(detail), sinceMs: turn.endedAtMs, seen: true };
}

/** opencode 2 leaves prompts in its queue if the turn before them was interrupted; undefined if there are none. */
function parked({ queue }: Session): Verdict['detail'] {
  if (queue === undefined) return undefined;
  return sanitize(queue.count === 1 ? '1 prompt waits' : `${queue.count} prompts wait`);
}

function unansweredFailure(turn: Turn, { reported, session }: StateEvidence): Verdict | undefined {
  const failed = reported?.error;
  if (turn.phase !== 'over' || turn.step !== undefined || failed === undefined) return undefined;
  const promptedAtMs = session.newestUser?.createdAtMs ?? 0;
  const described = failureOf(failed);
  if (described === undefined || failed.atMs < promptedAtMs) return undefined;
  return { name: 'error', ...described, sinceMs: failed.atMs };
}

function permission(pending: PendingPermission | undefined): Verdict | undefined {
  if (pending === undefined) return undefined;
  const { call, ask, askedAtMs } = pending;
  const detail = call.subject ?? (ask === undefined ? undefined : sanitize(ask.patterns.join(' ')));
  return { name: 'asking', askingFor: 'permission', tool: call.tool, detail, sinceMs: askedAtMs };
}

function raisedAsk({ process, subagents = [] }: StateEvidence): Verdict | undefined {
  const asking = subagents.filter(({ state }) => state.name === 'asking');
  const [first] = asking.toSorted((a, b) => (a.state.sinceMs ?? Infinity) - (b.state.sinceMs ?? Infinity));
  if (process === undefined || first === undefined) return undefined;
  const { state, session } = first;
  const raisedFrom = { sessionId: session.id, ...(session.title !== undefined && { title: session.title }) };
  return { ...state, raisedFrom: state.raisedFrom ?? raisedFrom };
}
