import { ask, expectType, type Limits } from './bounded-fetch.ts';
import { eventData } from './event-data.ts';
import { ServerFailure } from './failure.ts';
import type { Endpoint } from './opencode-api.ts';

/** Limits and filter of a server's event stream. */
interface EventOptions {
  readonly limits: Limits;
  /** Tells by its type if an event is passed on. */
  readonly wanted: (type: string) => boolean;
  /** Called when an event was too long and was skipped. */
  readonly onSkipped: () => void;
}

/**
 * Yields the parsed events of a server's stream at `path`. Throws when the signal aborts, when the stream breaks, and,
 * as a ServerFailure, when no chunk arrives for a while, since a stopped process keeps its connections open. The SDK is
 * not used: it buffers an event of any size, parses every event and reconnects without notice.
 */
export async function* boundedEvents(
  path: string,
  { url, authorization }: Endpoint,
  { limits, wanted, onSkipped }: EventOptions,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  const silence = silenceTimer();
  silence.restart(limits.responseMs);
  try {
    const request = new Request(`${url}${path}`, { headers: { accept: 'text/event-stream' } });
    const response = await ask(request, AbortSignal.any([signal, silence.signal]), authorization());
    if (!response.ok)
      throw new ServerFailure(`its event stream cannot be opened (status ${response.status})`);
    expectType(response, 'text/event-stream');
    if (response.body === null) return;
    const chunks = withCallback(response.body, () => silence.restart(limits.silenceMs));
    for await (const data of eventData(chunks, { maxChars: limits.eventBytes, onTooLong: onSkipped })) {
      if (isWanted(data, wanted)) yield parsed(data);
    }
  } finally {
    silence.stop();
  }
}

/** Yields the same chunks; calls `onChunk` before the first one and at each one. */
async function* withCallback<T>(chunks: AsyncIterable<T>, onChunk: () => void): AsyncGenerator<T> {
  onChunk();
  for await (const chunk of chunks) {
    onChunk();
    yield chunk;
  }
}

/** Returns a timer that aborts its signal with a ServerFailure unless it is restarted in time. */
function silenceTimer() {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    restart(timeoutMs: number) {
      clearTimeout(timer);
      timer = setTimeout(
        () => controller.abort(new ServerFailure('it stopped sending: is the process suspended?')),
        timeoutMs,
      );
      timer.unref();
    },
    stop: () => clearTimeout(timer),
  };
}

/** An event's type is within its first characters, after its directory. */
const headChars = 5000;

/** True if the event's type is wanted or unknown. Reads the first `type` only; quotes in the directory are escaped. */
function isWanted(data: string, wanted: (type: string) => boolean): boolean {
  const type = /"type":"([\w.]+)"/.exec(data.slice(0, headChars))?.[1];
  return type === undefined || wanted(type);
}

/** Returns the parsed JSON, or undefined if the data is not JSON: it still shows that the server is alive. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
