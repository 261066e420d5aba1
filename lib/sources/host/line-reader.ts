import { ServerFailure } from '../server/failure.ts';

/** The maximum line length: 2 MB of JSON take 10 to 20 ms to parse and hold seven hundred sessions. */
export const maxLineBytes = 2 * 2 ** 20;

const newline = 0x0a;

/**
 * Yields the lines of a byte stream, without line ends. A last line without an end is dropped. Throws LineTooLong if
 * a line is longer than `maxBytes`.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes = maxLineBytes,
): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      if (pendingBytes + end > maxBytes) throw new LineTooLong();
      yield Buffer.concat([...pending, rest.subarray(0, end)]).toString('utf8');
      pending = [];
      pendingBytes = 0;
      rest = rest.subarray(end + 1);
    }
    pending.push(rest);
    pendingBytes += rest.length;
    if (pendingBytes > maxBytes) throw new LineTooLong();
  }
}

/**
 * A line of another otop is too long. The connection ends, because later lines depend on the one that was not read.
 */
export class LineTooLong extends ServerFailure {
  constructor() {
    super('it sends lines of more than 2 MB, which otop does not read');
  }
}
