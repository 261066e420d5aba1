import { sanitize } from '../../text/sanitize.ts';
import { eventData } from '../server/event-data.ts';
import { redirectFailure, ServerFailure } from '../server/failure.ts';
import { LineTooLong, maxLineBytes } from './line-reader.ts';
import { tokenVariables } from './tokens.ts';

/** The address and token of another machine's `otop serve`. */
export interface ServeAddress {
  readonly url: string;
  readonly token: string | undefined;
}

const notServe = 'another program answers there, not otop serve';
const maxRefusalBytes = 4096;

/**
 * Yields the lines of `GET /events` until the signal aborts. Throws a ServerFailure, or the error of fetch. Follows
 * no redirect, since that would send the token to another server.
 */
export async function* serveLines({ url, token }: ServeAddress, signal: AbortSignal): AsyncGenerator<string> {
  const response = await fetch(`${url}/events`, {
    signal,
    redirect: 'manual',
    headers: {
      accept: 'text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  });
  const { body, headers, status } = response;
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (status !== 200 || !isStream || body === null) throw await refusal(response, { url, token });
  const onTooLong = () => {
    throw new LineTooLong();
  };
  yield* eventData(body, { maxChars: maxLineBytes, onTooLong });
}

async function refusal(response: Response, { url, token }: ServeAddress): Promise<ServerFailure> {
  const { status } = response;
  const errorText = await refusalText(response);
  if (status === 401) {
    return new ServerFailure(
      token === undefined
        ? `it needs a token: set ${tokenVariables(url).at(-1)} to the token of that otop serve`
        : 'it rejects the token',
    );
  }
  if (status >= 300 && status < 400) return redirectFailure(response);
  return new ServerFailure(errorText === undefined ? notServe : `it refuses the request: ${errorText}`);
}

/** Reads the `error` of otop's own refusals, which are short JSON objects; undefined for any other response. */
async function refusalText({ body, status, headers }: Response): Promise<string | undefined> {
  const isOurs = status >= 400 && headers.get('content-type')?.startsWith('application/json') === true;
  if (!isOurs || body === null) {
    await body?.cancel();
    return undefined;
  }
  let text = '';
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.length > maxRefusalBytes) return undefined;
  }
  const words = /"error":\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  return words === undefined ? undefined : sanitize(words, 120);
}
