import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScreenInput } from '../../widgets/screen-input.ts';

const paragraph = 'Please x the y process,\nthen q and start over — with “quotes”\tand é.\r\nx\ny\n';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Returns the events for some reads: keys as text, pastes with a label. */
function read(...chunks: readonly (string | Buffer)[]): string[] {
  const stream = new PassThrough();
  const input = new ScreenInput(stream);
  const out: string[] = [];
  input.on('data', (keys: Buffer) => out.push(keys.toString()));
  input.on('paste', (text: string) => out.push(`paste: ${text}`));
  for (const chunk of chunks) stream.emit('data', Buffer.from(chunk as string));
  vi.runAllTimers();
  input.release();
  return out;
}

describe('the screen’s input', () => {
  it('passes keys on unchanged', () => {
    expect(read('j', '\x1b[A', '\x1bOP', 'é', '/status:asking\r', '\x1b')).toEqual([
      'j',
      '\x1b[A',
      '\x1bOP',
      'é',
      '/status:asking\r',
      '\x1b',
    ]);
    expect(read('j'.repeat(200))).toEqual(['j'.repeat(200)]);
  });

  it('reports a paste with markers as one event, between the keys around it', () => {
    expect(read(`j\x1b[200~${paragraph}\x1b[201~k`)).toEqual(['j', `paste: ${paragraph}`, 'k']);
  });

  it('finds the markers wherever a read ends', () => {
    const bytes = Buffer.from(`\x1b[200~${paragraph}\x1b[201~`);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 3, max: bytes.length - 1 }), { maxLength: 6 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(read(...chunks)).toEqual([`paste: ${paragraph}`]);
      }),
    );
  });

  it('takes a long read without markers for a paste, with all input that follows at once', () => {
    expect(read(paragraph, 'qx', paragraph)).toEqual([`paste: ${paragraph}qx${paragraph}`]);
    expect(read(`/${paragraph}`)).toEqual([`paste: /${paragraph}`]);
  });

  it('ends a paste without an end marker, and keeps only the start of a huge one', () => {
    expect(read('\x1b[200~half')).toEqual(['paste: half']);
    expect(read('\x1b[200~', 'x'.repeat(200_000), 'y'.repeat(200_000), '\x1b[201~', 'j')).toEqual([
      `paste: ${'x'.repeat(65_536)}`,
      'j',
    ]);
    expect(read('\x1b[200~\x1b[201~')).toEqual([]);
  });
});
