import { type DisplayText, sanitize } from '../../../text/sanitize.ts';
import type { AssistantMessage, TurnError } from '../session.ts';
import type { Verdict } from './state-evidence.ts';

/** Names of opencode's errors that are not failures of the turn: of 1.x, and of 2 (opencode-2.md, "States"). */
const abortedErrors: readonly string[] = ['MessageAbortedError', 'aborted'];
/** The preview of opencode 2 has the name `unknown` for every error (opencode-2.md, "States of the builds"). */
const abortedText = 'Provider turn interrupted';
const lengthError = 'MessageOutputLengthError';

/** The failure that ended the turn, with the error's text if there is one; undefined if the turn did not fail. */
export function failure({ error, finish }: AssistantMessage): Pick<Verdict, 'detail'> | undefined {
  if (error === undefined) return finish === 'error' ? { detail: undefined } : undefined;
  return failureOf(error);
}

/** The text of a failure; undefined for an abort by the user and for the output limit, which are not failures. */
export function failureOf(error: TurnError): Pick<Verdict, 'detail'> | undefined {
  if (isAbort(error) || error.name === lengthError) return undefined;
  return { detail: errorWords(error) };
}

/** An error in one line: its name and its message. The preview of opencode 2 has no name but `unknown`. */
export function errorWords({ name, message }: TurnError): DisplayText {
  if (message === undefined) return name;
  return name === 'unknown' ? message : sanitize(`${name}: ${message}`);
}

function isAbort({ name, message }: TurnError): boolean {
  return abortedErrors.includes(name) || (name === 'unknown' && message === abortedText);
}

/** True if the model's output limit cut off the answer. */
export function isTruncated({ error, finish }: AssistantMessage): boolean {
  return error === undefined ? finish === 'length' : error.name === lengthError;
}

/**
 * How the user ended the turn: esc, esc during a retry (no error, no finish) or a rejected permission (opencode.md,
 * "Aborted"; opencode.md, "Permission rejected"). Undefined if the user did not.
 */
export function interruption(step: AssistantMessage): string | undefined {
  const { error, finish } = step;
  if (wasRejected(step)) return 'rejected';
  if (error !== undefined && isAbort(error)) return 'aborted';
  if (error === undefined && finish === undefined) return 'aborted';
  return undefined;
}

/**
 * True if a call of an unfinished step was interrupted. The preview of opencode 2 ends a turn so after a rejected permission
 * or a dismissed question, and never completes the step (opencode-2.md, "States of the builds").
 */
export function wasCutShort({ seq, parts }: AssistantMessage): boolean {
  return (
    seq !== undefined && parts.some((part) => part.kind === 'tool' && part.call.error === interruptedTool)
  );
}

const interruptedTool = 'Tool execution interrupted';

/**
 * The part's error after a rejected permission or a dismissed question: only the error's name in 1.2.27, a sentence in
 * newer versions (opencode.md, "Permission rejected"). After a rejection with feedback the model continues.
 */
const rejection =
  /^((Permission|Question)RejectedError\b|permission\.rejected\b|The user (dismissed this question|declined this tool call|rejected permission to use this specific tool call(?! with)))/;

/** True if the user rejected one of the step's calls: then the turn is over, although the step ended with tool calls. */
export function wasRejected({ parts }: AssistantMessage): boolean {
  return parts.some((part) => part.kind === 'tool' && rejection.test(part.call.error ?? ''));
}
