import { createParser } from 'eventsource-parser';

/** The maximum size of an event. */
interface EventLimit {
  /** Maximum data of one event, in UTF-16 code units; no more is buffered. */
  readonly maxChars: number;
  /** Called when a longer event is skipped; if it throws, the stream ends with that error. */
  readonly onTooLong: () => void;
}

/**
 * Yields the data of each server-sent event; accepts LF, CR and CRLF. An event without its end is dropped. Throws what
 * reading the stream throws.
 */
export async function* eventData(
  chunks: AsyncIterable<Uint8Array>,
  { maxChars, onTooLong }: EventLimit,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let complete: string[] = [];
  let overflowed = false;
  let isSkipping = false;
  let lastTwo = '';
  const parser = createParser({
    maxBufferSize: maxChars,
    onEvent({ data }) {
      if (isSkipping) isSkipping = false;
      else complete.push(data);
    },
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded') overflowed = true;
    },
  });
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    lastTwo = (lastTwo + text.slice(-2)).slice(-2);
    parser.feed(text);
    for (const data of complete) {
      if (data.length > maxChars) onTooLong();
      else yield data;
    }
    complete = [];
    if (!overflowed) continue;
    overflowed = false;
    if (!isSkipping) onTooLong();
    isSkipping = true;
    // Starts an empty event in place of the long one, so that its end produces one event to skip. The rest of the cut
    // line becomes a comment. The last two characters show whether the cut is inside a line or between two (CRLF too).
    parser.reset();
    parser.feed(`data:\n:${lastTwo}`);
  }
}
