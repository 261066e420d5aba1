import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EditedLine, editLine, insertText, lineOf } from '../../../lib/domain/ui/line-edit.ts';

/** A line after keys, with its cursor shown as `|`. */
function typed(start: string, ...keys: readonly string[]): string {
  let line: EditedLine = lineOf(start);
  for (const key of keys) line = editLine(line, key) ?? line;
  return `${line.text.slice(0, line.cursor)}|${line.text.slice(line.cursor)}`;
}

describe('a typed line', () => {
  it('is edited by the keys of readline', () => {
    expect(typed('', 'c', 'o', 's', 't', '>', '1', 'Space', '日', '👍')).toBe('cost>1 日👍|');
    expect(typed('one two', 'Home', 'x', 'End', 'y')).toBe('xone twoy|');
    expect(typed('one two', 'C-a', 'Delete', 'C-d', 'Right', 'C-e', 'Backspace')).toBe('e tw|');
    expect(typed('one two three', 'C-w')).toBe('one two |');
    expect(typed('one two  ', 'C-w')).toBe('one |');
    expect(typed('one two three', 'C-Left', 'C-Left', 'C-k')).toBe('one |');
    expect(typed('one two three', 'C-Left', 'C-u', 'C-Right')).toBe('three|');
    expect(typed('ab', 'Left', 'Left', 'Left', 'C-f')).toBe('a|b');
    expect(typed('ab', 'F5', 'PgUp', 'C-x', 'Tab')).toBe('ab|');
  });

  it('moves by whole characters: a combining mark stays on its letter, an emoji is one character', () => {
    expect(typed('é👍', 'Left', 'Left')).toBe('|é👍');
    expect(typed('xe\u0323\u0302', 'Backspace')).toBe('x|');
    expect(typed('a👍', 'Backspace')).toBe('a|');
  });

  it('takes a paste as one line of limited length', () => {
    const { text } = insertText(lineOf('dir:'), '/home/u\n\x1b[31m\tproj\x07 ');
    expect(text).toBe('dir:/home/u proj');
    expect(insertText(lineOf('x'), 'y'.repeat(100_000)).text.length).toBe(1000);
  });

  it('keeps its cursor between two characters after any keys', () => {
    const keys = fc.constantFrom(
      ...['a', '日', '👍', 'Space', 'Left', 'Right', 'Home', 'End', 'Backspace', 'Delete'],
      ...['C-w', 'C-u', 'C-k', 'C-Left', 'C-Right'],
    );
    fc.assert(
      fc.property(fc.array(keys), (pressed) => {
        let line = lineOf('');
        for (const key of pressed) {
          line = editLine(line, key) ?? line;
          const { text, cursor } = line;
          expect(cursor >= 0 && cursor <= text.length).toBe(true);
          expect(encodeURI(text.slice(0, cursor)) + encodeURI(text.slice(cursor))).toBe(encodeURI(text));
        }
      }),
    );
  });
});
