import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventData } from '../../../lib/sources/server/event-data.ts';

const maxChars = 100;

/** Reads a stream that arrives in chunks of these sizes; `long` stands for a skipped event. */
async function read(stream: string, pieceBytes: readonly number[] = [stream.length]): Promise<string[]> {
  async function* pieces() {
    const bytes = Buffer.from(stream);
    let at = 0;
    for (let turn = 0; at < bytes.length; turn += 1) {
      const next = at + (pieceBytes[turn % pieceBytes.length] ?? 1);
      yield bytes.subarray(at, next);
      at = next;
    }
  }
  const found: string[] = [];
  const onTooLong = () => found.push('long');
  for await (const data of eventData(pieces(), { maxChars, onTooLong })) found.push(data);
  return found;
}

describe('the data of events', () => {
  it('is the same for LF, CR and CRLF', async () => {
    const stream =
      'retry: 2000\n\n: a comment\n\nid: 1\nevent: board\ndata: one\n\ndata:two\ndata: lines\n\n';
    const found = ['one', 'two\nlines'];
    expect(await read(stream)).toEqual(found);
    expect(await read(stream.replaceAll('\n', '\r\n'))).toEqual(found);
    expect(await read(`${stream.replaceAll('\n', '\r')}:\n`)).toEqual(found);
  });

  it('is dropped if the stream ends inside the event', async () => {
    expect(await read('data: one\n\ndata: two\n')).toEqual(['one']);
  });

  it('continues after an event that is too long, which is skipped and reported once', async () => {
    const long = `data: ${'x'.repeat(1000)}\n\n`;
    for (const pieceBytes of [1, 7, 99, 100, 101, 1006, 1007, 1008, 5000])
      expect(await read(`data: one\n\n${long}data: two\n\n`, [pieceBytes])).toEqual(['one', 'long', 'two']);
  });

  it('ends with the error that onTooLong throws', async () => {
    async function* endless() {
      for (;;) yield Buffer.from('data: never a line end');
    }
    const onTooLong = () => {
      throw new RangeError('too long');
    };
    await expect(eventData(endless(), { maxChars, onTooLong }).next()).rejects.toThrow('too long');
  });

  it('is the same for any chunk sizes', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'ü', '日', '👍', ':', ' '), maxLength: 9 });
    const short = fc.array(line, { minLength: 1, maxLength: 3 });
    const long = fc.array(fc.constantFrom('x'.repeat(150), 'y'), { minLength: 1, maxLength: 9 });
    const event = fc.record({
      lines: fc.oneof(short, long),
      lineEnd: fc.constantFrom('\n', '\r\n'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        async (events, pieceBytes) => {
          const stream = events.map(({ lines, lineEnd }) =>
            [...lines.map((text) => `data: ${text}`), '', ''].join(lineEnd),
          );
          const wanted = events.map(({ lines }) =>
            lines.join('').length > maxChars ? 'long' : lines.join('\n'),
          );
          expect(await read(`${stream.join('')}:\n`, pieceBytes)).toEqual(wanted);
        },
      ),
    );
  });
});
