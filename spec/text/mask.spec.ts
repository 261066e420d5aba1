import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskOutside } from '../../lib/text/mask.ts';

describe('the mask for text from outside', () => {
  it.each([
    [
      "Cannot read properties of undefined (reading 'title')",
      "Cannot read properties of undefined (reading '…')",
    ],
    [`Unexpected token 'M', "My secret "... is not valid JSON`, "Unexpected token '…'... is not valid JSON"],
    ["its title is 'It's done' he said'", "its title is '…'"],
    ["the pane's title says 'My sec…", "the pane's title says '…'"],
    ['no such file: ~/work/secret.db, really', 'no such file: <path>, really'],
    ["ENOENT: no such file or directory, open '/home/me/x'", "ENOENT: no such file or directory, open '…'"],
    ["it isn't there, and won't be", "it isn't there, and won't be"],
    ['tmux at /tmp/tmux-0/default does not answer', 'tmux at <path> does not answer'],
  ])('%s', (sentence, masked) => {
    expect(maskOutside(sentence)).toBe(masked);
  });

  it('hides every text between quotes', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...`aZ9'"\` \n\\…’”.é`), maxLength: 30 });
    fc.assert(
      fc.property(hostile, fc.constantFrom("'", '"', '`'), (noise, quote) => {
        expect(maskOutside(`title is ${quote}${noise}SECRET${noise}${quote}: failed`)).not.toContain(
          'SECRET',
        );
      }),
    );
  });
});
