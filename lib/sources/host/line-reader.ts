import { ServerFailure } from '../server/failure.ts';

/** What is parsed in one piece: 2 MB of JSON take 10 to 20 ms, and hold seven hundred sessions. */
export const maxLineBytes = 2 * 2 ** 20;

const newline = 0x0a;

/**
 * The lines of a stream of bytes, without their ends. A line that is too long is never kept: it throws a ServerFailure,
 * as what follows would rest on what was missed.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  mostBytes = maxLineBytes,
): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      if (heldBytes + end > mostBytes) throw new LineTooLong();
      yield Buffer.concat([...held, rest.subarray(0, end)]).toString('utf8');
      held = [];
      heldBytes = 0;
      rest = rest.subarray(end + 1);
    }
    held.push(rest);
    heldBytes += rest.length;
    if (heldBytes > mostBytes) throw new LineTooLong();
  }
}

/** What the line of another otop is refused with: what follows would rest on what was missed. */
export class LineTooLong extends ServerFailure {
  constructor() {
    super('it sends lines of more than 2 MB, which otop does not read');
  }
}
