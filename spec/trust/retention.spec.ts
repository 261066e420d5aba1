import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asDisplay } from '../../lib/sources/json.ts';
import { sliceBytes, sliceFrom, withFile } from '../../lib/sources/log/file-slices.ts';
import { parseLogLine } from '../../lib/sources/log/log-file.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { heldBytes } from '../support/heap.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-retention-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A long text, different for each number, like the output of a tool. */
const longText = (number: number) => `${number} `.repeat(250_000);

describe('memory that is kept for weeks', () => {
  it('contains the ids of a log, not the file slices that they came from', () => {
    const path = join(folder, 'log');
    const line = (number: number) =>
      `timestamp=2026-11-22T14:14:08.328Z level=INFO run=0a1b2c3d message=loop session.id=ses_${number}abcdefghij step=0\n`;
    writeFileSync(path, Array.from({ length: 100_000 }, (_each, number) => line(number)).join(''));
    const held = heldBytes(() =>
      withFile(path, (file) => {
        const kept: unknown[] = [];
        for (let at = 0; at < file.size - sliceBytes; ) {
          const slice = sliceFrom(file, at);
          kept.push(parseLogLine(slice.lines[0]?.text ?? ''));
          at = slice.end;
        }
        expect(kept.length).toBeGreaterThan(30);
        return kept;
      }),
    );
    expect(held).toBeLessThan(2_000_000);
  });

  it.each([
    ['shown', (text: string) => asDisplay(text)],
    ['sanitised', (text: string) => sanitize(text)],
  ])('contains of a long text only the part that is %s', (_how, shorten) => {
    const held = heldBytes(() => Array.from({ length: 30 }, (_each, number) => shorten(longText(number))));
    expect(held).toBeLessThan(3_000_000);
  });
});
