import { ask, expectType, type Fetch, type Limits } from './bounded-fetch.ts';
import { ServerFailure } from './failure.ts';

/** What the stream of a server is held to. */
export interface EventFetchOptions {
  readonly limits: Limits;
  readonly authorization: () => string | undefined;
  /** Types of events that are passed on; absent: all of them. */
  readonly wanted?: ReadonlySet<string>;
  /** An event was too long to be read: something was missed. */
  readonly onSkipped: () => void;
}

/**
 * The fetch for an event stream (`text/event-stream`). opencode's SDK keeps an event in memory however long it grows
 * and parses every one; so what is too long, or a token of a text, is taken out before. A stream that says nothing for
 * a while, heartbeats included, is cut with a ServerFailure: a stopped process keeps its connections.
 */
export function boundedEvents(options: EventFetchOptions): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const silence = watchSilence();
    silence.giveMs(options.limits.answerMs);
    try {
      const signal = AbortSignal.any([request.signal, silence.signal]);
      const headed = new Request(request, {
        headers: { ...fromHeaders(request), accept: 'text/event-stream' },
      });
      const response = await ask(headed, signal, options.authorization());
      if (!response.ok) throw new ServerFailure(`its event stream cannot be had (status ${response.status})`);
      expectType(response, 'text/event-stream');
      const filter = eventFilter(options, () => silence.giveMs(options.limits.silenceMs));
      const body = response.body?.pipeThrough(filter) ?? null;
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    } catch (error) {
      silence.stop();
      throw error;
    }
  };
}

/** Aborts its signal where nobody gives it more time. */
function watchSilence() {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    giveMs(ms: number) {
      clearTimeout(timer);
      timer = setTimeout(
        () => controller.abort(new ServerFailure('it says nothing any more: is it stopped?')),
        ms,
      );
      timer.unref();
    },
    stop: () => clearTimeout(timer),
  };
}

function fromHeaders({ headers }: Request): Record<string, string> {
  return Object.fromEntries(headers);
}

const separator = Buffer.from('\n\n');
/** The type of an event stands within its first bytes, behind its directory. */
const headBytes = 5000;

/** Passes whole events on, one chunk each; drops what is not wanted and what is too long. */
function eventFilter(
  { limits, wanted, onSkipped }: EventFetchOptions,
  onBytes: () => void,
): TransformStream<Uint8Array, Uint8Array> {
  let pending: Buffer = Buffer.alloc(0);
  let skipping = false;
  return new TransformStream({
    start: onBytes,
    transform(chunk, controller) {
      onBytes();
      let rest: Buffer = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
      for (let end = rest.indexOf(separator); end >= 0; end = rest.indexOf(separator)) {
        const event = rest.subarray(0, end + separator.length);
        rest = rest.subarray(end + separator.length);
        if (skipping || event.length > limits.eventBytes) onSkipped();
        else if (isWanted(event, wanted)) controller.enqueue(event);
        skipping = false;
      }
      if (rest.length > limits.eventBytes) {
        skipping = true;
        rest = rest.subarray(-1);
      }
      pending = rest;
    },
  });
}

/** The envelope's first `type`; quotes inside its directory are escaped. */
function isWanted(event: Buffer, wanted: ReadonlySet<string> | undefined): boolean {
  if (wanted === undefined) return true;
  const type = /"type":"([\w.]+)"/.exec(event.subarray(0, headBytes).toString('latin1'))?.[1];
  return type === undefined || wanted.has(type);
}
