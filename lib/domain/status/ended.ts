import { sanitize } from '../../text/sanitize.ts';
import type { AssistantMessage } from '../session.ts';
import type { Verdict } from './evidence.ts';

/** Error names of opencode that are no failure of the turn. */
const abortedError = 'MessageAbortedError';
const lengthError = 'MessageOutputLengthError';

/** The turn failed, and stays so until the next prompt. */
export function failure({ error, finish }: AssistantMessage): Pick<Verdict, 'detail'> | undefined {
  if (error === undefined) return finish === 'error' ? { detail: undefined } : undefined;
  if (error.name === abortedError || error.name === lengthError) return undefined;
  return { detail: error.message === undefined ? error.name : sanitize(`${error.name}: ${error.message}`) };
}

/** The answer was cut off at the model's output limit. */
export function isTruncated({ error, finish }: AssistantMessage): boolean {
  return error === undefined ? finish === 'length' : error.name === lengthError;
}

/** Someone ended the turn by hand: esc, esc during a retry (no error, no finish), or a rejected permission (§3). */
export function interruption({ error, finish, parts }: AssistantMessage): string | undefined {
  if (error?.name === abortedError) return 'aborted';
  if (error === undefined && finish === undefined) return 'aborted';
  const lastTool = parts.findLast((part) => part.kind === 'tool');
  if (finish === 'tool-calls' && lastTool?.call.status === 'error') return 'rejected';
  return undefined;
}
