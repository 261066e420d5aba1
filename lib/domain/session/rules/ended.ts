import { sanitize } from '../../../text/sanitize.ts';
import type { AssistantMessage } from '../session.ts';
import type { Verdict } from './state-evidence.ts';

/** Names of opencode's errors that are not failures of the turn. */
const abortedError = 'MessageAbortedError';
const lengthError = 'MessageOutputLengthError';

/** The failure that ended the turn, with the error's text if there is one; undefined if the turn did not fail. */
export function failure({ error, finish }: AssistantMessage): Pick<Verdict, 'detail'> | undefined {
  if (error === undefined) return finish === 'error' ? { detail: undefined } : undefined;
  return failureOf(error);
}

/** The text of a failure; undefined for an abort by the user and for the output limit, which are not failures. */
export function failureOf(
  error: NonNullable<AssistantMessage['error']>,
): Pick<Verdict, 'detail'> | undefined {
  if (error.name === abortedError || error.name === lengthError) return undefined;
  return { detail: error.message === undefined ? error.name : sanitize(`${error.name}: ${error.message}`) };
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
  if (error?.name === abortedError) return 'aborted';
  if (error === undefined && finish === undefined) return 'aborted';
  return wasRejected(step) ? 'rejected' : undefined;
}

/**
 * The part's error after a rejected permission or a dismissed question: only the error's name in 1.2.27, a sentence in
 * newer versions (opencode.md, "Permission rejected"). After a rejection with feedback the model continues.
 */
const rejection =
  /^((Permission|Question)RejectedError\b|The user (dismissed this question|rejected permission to use this specific tool call(?! with)))/;

/** True if the user rejected one of the step's calls: then the turn is over, although the step ended with tool calls. */
export function wasRejected({ parts }: AssistantMessage): boolean {
  return parts.some((part) => part.kind === 'tool' && rejection.test(part.call.error ?? ''));
}
