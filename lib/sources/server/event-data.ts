import { createParser } from 'eventsource-parser';

/** What an event is held to. */
interface EventLimit {
  /** UTF-16 code units of data: no more of one event is kept. */
  readonly maxChars: number;
  /** An event was longer and is left out; if this throws, the stream ends with that. */
  readonly onTooLong: () => void;
}

/**
 * The data of each event of a stream of server-sent events, whatever its line ends. An event that the stream's end cuts
 * off is none. Throws what reading the stream throws.
 */
export async function* eventData(
  chunks: AsyncIterable<Uint8Array>,
  { maxChars, onTooLong }: EventLimit,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let complete: string[] = [];
  let overflowed = false;
  let isLeftOut = false;
  let lastTwo = '';
  const parser = createParser({
    maxBufferSize: maxChars,
    onEvent({ data }) {
      if (isLeftOut) isLeftOut = false;
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
    if (!isLeftOut) onTooLong();
    isLeftOut = true;
    // An event of our own takes the place of the long one, so that there is one to leave out. The rest of the line that
    // was cut is a comment; two characters say whether it was cut within a line or between two, CRLF included.
    parser.reset();
    parser.feed(`data:\n:${lastTwo}`);
  }
}
