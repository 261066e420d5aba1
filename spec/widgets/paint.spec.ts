import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLine, type Line } from '../../lib/view/line.ts';
import { themeStyles } from '../../lib/view/themes.ts';
import { Palette, paintLine } from '../../widgets/paint.ts';
import type { ScreenLine } from '../../widgets/terminal.ts';

const cols = 24;

function blank(): ScreenLine {
  return Object.assign(
    Array.from({ length: cols }, (): [number, string] => [0, ' ']),
    { dirty: false },
  ) as ScreenLine;
}

const spans = fc.array(
  fc.record({
    text: fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '日', '👍', 'e\u0301', '\u0301', '…'),
      maxLength: 8,
    }),
    style: fc.constantFrom('plain' as const, 'muted' as const, 'brand' as const),
  }),
  { maxLength: 5 },
);
const line = fc
  .record({ spans, background: fc.constantFrom(undefined, 'selected' as const) })
  .map(
    ({ spans, background }): Line =>
      fitLine({ spans, ...(background !== undefined && { background }) }, cols, '…'),
  );

describe('painting a line over the one before it', () => {
  it('gives the same cells as painting it alone', () => {
    const palette = new Palette(themeStyles('default'));
    fc.assert(
      fc.property(fc.array(line, { minLength: 2, maxLength: 6 }), (lines) => {
        const over = blank();
        for (const [index, each] of lines.entries()) paintLine(over, 0, each, palette, lines[index - 1]);
        const alone = blank();
        for (const last of lines.slice(-1)) paintLine(alone, 0, last, palette);
        expect([...over]).toEqual([...alone]);
      }),
    );
  });
});
