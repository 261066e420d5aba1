import { sanitize } from '../../../text/sanitize.ts';
import type { AssistantMessage } from '../session.ts';
import type { Verdict } from './state-evidence.ts';

/** Error names of opencode that are no failure of the turn. */
const abortedError = 'MessageAbortedError';
const lengthError = 'MessageOutputLengthError';

/** The turn failed, and stays so until the next prompt. */
export function failure({ error, finish }: AssistantMessage): Pick<Verdict, 'detail'> | undefined {
  if (error === undefined) return finish === 'error' ? { detail: undefined } : undefined;
  return failureOf(error);
}

/** What an error says; undefined where it is no failure but a person's or the limit's doing. */
export function failureOf(
  error: NonNullable<AssistantMessage['error']>,
): Pick<Verdict, 'detail'> | undefined {
  if (error.name === abortedError || error.name === lengthError) return undefined;
  return { detail: error.message === undefined ? error.name : sanitize(`${error.name}: ${error.message}`) };
}

/** The answer was cut off at the model's output limit. */
export function isTruncated({ error, finish }: AssistantMessage): boolean {
  return error === undefined ? finish === 'length' : error.name === lengthError;
}

/**
 * Someone ended the turn by hand: esc, esc during a retry (no error, no finish), or a rejected permission (opencode.md,
 * "Aborted"; opencode.md, "Permission rejected").
 */
export function interruption(step: AssistantMessage): string | undefined {
  const { error, finish } = step;
  if (error?.name === abortedError) return 'aborted';
  if (error === undefined && finish === undefined) return 'aborted';
  return wasRejected(step) ? 'rejected' : undefined;
}

/**
 * What a rejected permission or a dismissed question leaves in its part: the bare error's name in 1.2.27, a sentence
 * later (opencode.md, "Permission rejected"). With a person's feedback the model goes on.
 */
const rejection =
  /^((Permission|Question)RejectedError\b|The user (dismissed this question|rejected permission to use this specific tool call(?! with)))/;

/** True where a person refused one of the step's calls: the turn is over though the step ended for its tools. */
export function wasRejected({ parts }: AssistantMessage): boolean {
  return parts.some((part) => part.kind === 'tool' && rejection.test(part.call.error ?? ''));
}
