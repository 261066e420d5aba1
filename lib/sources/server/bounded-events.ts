import { ask, expectType, type Limits } from './bounded-fetch.ts';
import { eventData } from './event-data.ts';
import { ServerFailure } from './failure.ts';
import type { Reach } from './opencode-api.ts';

/** What the stream of a server is held to. */
interface EventOptions {
  readonly limits: Limits;
  /** Types of events that are passed on; absent: all of them. */
  readonly wanted?: ReadonlySet<string>;
  /** An event was too long to be read: something was missed. */
  readonly onSkipped: () => void;
}

/**
 * The events of a server's stream at `path`, parsed, until the signal aborts: then it throws, and so it does if the
 * stream breaks, since what happens until it is opened again is lost. opencode's SDK keeps an event in memory however
 * long it grows, parses every one and connects again without a word; so the stream is read here. One that says nothing
 * for a while, heartbeats included, is cut with a ServerFailure: a stopped process keeps its connections.
 */
export async function* boundedEvents(
  path: string,
  { url, authorization }: Reach,
  { limits, wanted, onSkipped }: EventOptions,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  const silence = watchSilence();
  silence.giveMs(limits.answerMs);
  try {
    const request = new Request(`${url}${path}`, { headers: { accept: 'text/event-stream' } });
    const response = await ask(request, AbortSignal.any([signal, silence.signal]), authorization());
    if (!response.ok) throw new ServerFailure(`its event stream cannot be had (status ${response.status})`);
    expectType(response, 'text/event-stream');
    if (response.body === null) return;
    const chunks = heard(response.body, () => silence.giveMs(limits.silenceMs));
    for await (const data of eventData(chunks, { maxChars: limits.eventBytes, onTooLong: onSkipped })) {
      if (isWanted(data, wanted)) yield parsed(data);
    }
  } finally {
    silence.stop();
  }
}

/** The same chunks; calls back before the first and at each. */
async function* heard<T>(chunks: AsyncIterable<T>, onChunk: () => void): AsyncGenerator<T> {
  onChunk();
  for await (const chunk of chunks) {
    onChunk();
    yield chunk;
  }
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

/** The type of an event stands within its first characters, behind its directory. */
const headChars = 5000;

/** The envelope's first `type`; quotes inside its directory are escaped. */
function isWanted(data: string, wanted: ReadonlySet<string> | undefined): boolean {
  if (wanted === undefined) return true;
  const type = /"type":"([\w.]+)"/.exec(data.slice(0, headChars))?.[1];
  return type === undefined || wanted.has(type);
}

/** What is no JSON says nothing, but that the server is there. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
