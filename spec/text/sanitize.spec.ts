import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  sanitize,
  sanitizeDrawn,
  sanitizeLines,
  sanitizePieces,
  sanitizeSpaced,
} from '../../lib/text/sanitize.ts';
import { textWidth } from '../../lib/text/width.ts';

const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\x1b',
      '[',
      ']',
      '\x07',
      '\x1b\\',
      '\x9b',
      '31m',
      '\n',
      '\t',
      ' ',
      '\u200d',
      '\ufe0f',
      '\u0301',
    ),
    fc.constantFrom('👨', '🏽', '🇩', '日', 'ü', '\u202e', '\ud83d', '\udc68', '\u1112', '\u1161', 'a'),
    fc.constantFrom('\u11ab', '하', '\u20e3', '\u0344', '\u0958', '👩', '\u{1fae8}', '\x1b[31m'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 60,
});

describe('sanitize', () => {
  it.each([
    ['plain text', 'Fix the parser', 'Fix the parser'],
    ['line breaks, tabs and runs of blanks', ' a\r\n\tb\u00a0\u2003c\u2028d ', 'a b c d'],
    ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
    ['a clear-screen as one C1 byte', 'a\x9b2Jb', 'ab'],
    ['a title set by OSC, ended by BEL', 'a\x1b]0;pwned\x07b', 'ab'],
    ['a clipboard set by OSC 52, ended by ST', 'a\x1b]52;c;cm0gLXJm\x1b\\b', 'ab'],
    ['an 8-bit OSC', 'a\x9d0;x\x9cb', 'ab'],
    ['a device control string', 'a\x1bP+q544e\x1b\\b', 'ab'],
    ['an unterminated OSC: its text stays readable', 'a\x1b]0;title', 'a0;title'],
    ['a sequence inside a sequence', '\x1b\x1b[31m[31mx', '[31mx'],
    ['charset switches and resets', '\x1b(0lqk\x1bc', 'lqk'],
    ['backspaces and NUL', 'a\x08b\0c', 'abc'],
    ['blessed tags stay text', '{bold}x{/bold}{|}', '{bold}x{/bold}{|}'],
    ['bidi controls, zero-width, BOM, soft hyphen', '\ufeffa\u202eb\u200bc\u2066d\u00ade', 'abcde'],
    ['variation selectors', '❤\ufe0f ok', '❤ ok'],
    ['a family is its first person', '👨\u200d👩\u200d👧\u200d👦!', '👨!'],
    ['skin tones', '👍🏽👋🏿', '👍👋'],
    ['a joined heart', '❤\ufe0f\u200d🔥', '❤'],
    ['keycaps', '1\ufe0f\u20e3', '1'],
    ['flags are two letters', '🇩🇪 🇯🇵', 'DE JP'],
    ['a subdivision flag is a flag', '🏴\u{e0067}\u{e0062}\u{e007f}', '🏴'],
    ['decomposed letters are composed', 'u\u0308ber', 'über'],
    ['decomposed Korean is composed', '\u1112\u1161\u11ab', '한'],
    ['a flood of marks is capped', `x${'\u0336'.repeat(500)}y`, 'x\u0336\u0336\u0336y'],
    ['marks with nothing to sit on', '\u0301\u0301a', 'a'],
    ['skin tones behind a loose Korean vowel', '👨ᅡ🏽', '👨'],
    ['skin tones behind a keycap mark', '👨\u20e3🏽', '👨'],
    ['marks behind a loose Korean vowel', 'u\u1161\u0308ber', 'über'],
    ['marks that are two when decomposed', `a${'\u0344'.repeat(3)}`, 'ä\u0301\u0308\u0301'],
    ['lone surrogates', 'a\ud83db\udc00', 'a\ufffdb\ufffd'],
    ['noncharacters and unassigned', '\uffff\u{e0fff}x', '\ufffdx'],
    ['right-to-left letters stay', 'שלום', 'שלום'],
    ['Hindi keeps its vowels', 'नमस्ते को', 'नमस्ते को'],
  ])('%s', (_name, raw, shown) => {
    expect(sanitize(raw)).toBe(shown);
  });

  it('cuts to cells, not to characters', () => {
    expect(sanitize('日本語のタイトル', 7)).toBe('日本語…');
    expect(sanitize('日本語', 6)).toBe('日本語');
    expect(sanitize('abc', 0)).toBe('');
  });

  it('marks that a very long line was cut', () => {
    const shown = sanitize('x'.repeat(10_000_000));
    expect(shown).toHaveLength(16_385);
    expect(shown.endsWith('…')).toBe(true);
  });

  it('does not read the far end of hostile input', () => {
    // Each of these would take minutes if a pattern were tried from every position to the end.
    for (const unit of [
      '\x1b]',
      '\x9d',
      '\x1b[1;',
      'a\u0301\u0327',
      '👨\u200d',
      '\x1bP',
      '\n',
      ' ',
      '\ud83d',
    ]) {
      const flood = unit.repeat(10_000_000 / unit.length);
      expect(textWidth(sanitize(flood))).toBeLessThanOrEqual(2 * 16_385);
      expect(sanitizeLines(flood, 3).length).toBeLessThanOrEqual(3);
    }
  });

  it('removes everything that a terminal would execute or hide', () => {
    fc.assert(
      fc.property(nasty, (raw) => {
        expect(sanitize(raw)).not.toMatch(
          /[\x00-\x1f\x7f-\x9f\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}]/u,
        );
        for (const line of sanitizeLines(raw)) expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  const variants: readonly [string, (raw: string) => string][] = [
    ['sanitize', sanitize],
    ['sanitize to cells', (raw) => sanitize(raw, 7)],
    ['sanitizeLines', (raw) => sanitizeLines(raw).join('\n')],
    ['sanitizeSpaced', sanitizeSpaced],
    ['sanitizeDrawn', sanitizeDrawn],
  ];

  it.each(variants)('%s is idempotent', (_name, made) => {
    fc.assert(
      fc.property(nasty, (raw) => {
        expect(made(made(raw))).toBe(made(raw));
      }),
      { examples: [['👨ᅡ🏽'], ['👨\u20e3🏽'], ['u\u1161\u0308'], [`a${'\u0344'.repeat(3)}`]] },
    );
  });

  it.each(variants)('%s is idempotent for a line that grows past the longest', (_name, made) => {
    // Composed, each of these letters is two characters.
    for (const raw of ['\u0958'.repeat(16_384), `a${'\u0958'.repeat(16_383)}`])
      expect(made(made(raw))).toBe(made(raw));
  });

  it('never exceeds its cells', () => {
    fc.assert(
      fc.property(nasty, fc.nat(40), (raw, cells) => {
        expect(textWidth(sanitize(raw, cells))).toBeLessThanOrEqual(cells);
      }),
    );
  });
});

describe('sanitizeLines', () => {
  it('keeps indentation and drops blank lines', () => {
    expect(sanitizeLines('if x:\r\n\treturn  1\n\n  \n\x1b[32mdone\x1b[m  \n')).toEqual([
      'if x:',
      '  return  1',
      'done',
    ]);
  });

  it('splits a progress bar at its carriage returns', () => {
    expect(sanitizeLines('10%\r20%\r30%')).toEqual(['10%', '20%', '30%']);
  });

  it('returns no more lines than the limit', () => {
    expect(sanitizeLines('a\nb\nc', 2)).toEqual(['a', 'b']);
  });

  it('cuts a very long line before a character that the limit would halve', () => {
    expect(sanitizeLines(`${'a'.repeat(16_383)}😀b`)).toEqual(['a'.repeat(16_383)]);
    expect(sanitizeLines(`${'a'.repeat(16_382)}😀b\nc`)).toEqual([`${'a'.repeat(16_382)}😀`, 'c']);
  });
});

describe('sanitizePieces', () => {
  it.each([
    ['a letter and its accent', ['cafe', '\u0301s'], ['café', 's']],
    ['a syllable and its last letter', ['하', '\u11ab', '!'], ['한', '', '!']],
    ['an emoji and its skin tone', ['👨', '🏽', '.'], ['👨', '', '.']],
    ['a letter that composes beyond 16 bits', ['\u{11099}', '\u{110ba}x'], ['\u{1109a}', 'x']],
    ['blanks', ['a ', '  ', '\u3000b'], ['a ', '', 'b']],
    ['half an escape sequence', ['a\x1b', ']0;b\x07'], ['a', ']0;b']],
    ['nothing', [], []],
  ])('keeps %s whole', (_what, raw, shown) => {
    expect(sanitizePieces(raw)).toEqual(shown);
  });

  it('is printable when joined, and mostly equal to the whole', () => {
    const piece = nasty.map((raw) => raw.replaceAll('\n', ' '));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (raw) => {
        const joined = sanitizePieces(raw).join('');
        expect(sanitizeSpaced(joined)).toBe(joined);
        // A piece loses the start of an escape sequence or of a joined emoji, and keeps three accents.
        if (!/[\x1b\x80-\x9f\p{Cs}\p{M}\u200d]/u.test(raw.join('')))
          expect(joined).toBe(sanitizeSpaced(raw.join('')));
      }),
      { numRuns: 500 },
    );
  });

  it('limits the line, not each piece, and takes linear time', () => {
    const shown = sanitizePieces(Array.from({ length: 50_000 }, () => 'é'));
    expect(shown.join('')).toBe('é'.repeat(16_384));
  });
});
