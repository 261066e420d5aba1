import { cellWidth } from '../text/width.ts';

/** The symbols on the screen. Both sets have the same widths, so a layout fits both. */
export interface Glyphs {
  readonly ascii: boolean;
  readonly ellipsis: string;
  readonly cursor: string;
  readonly ascending: string;
  readonly descending: string;
  readonly asking: string;
  readonly error: string;
  readonly truncated: string;
  readonly working: string;
  readonly retrying: string;
  readonly queued: string;
  readonly unread: string;
  readonly idle: string;
  readonly fresh: string;
  readonly stale: string;
  readonly full: string;
  readonly empty: string;
  /** The levels of a sparkline, lowest first. */
  readonly levels: readonly string[];
  readonly done: string;
  readonly bullet: string;
  readonly box: Readonly<
    Record<'topLeft' | 'topRight' | 'bottomLeft' | 'bottomRight' | 'across' | 'down', string>
  >;
}

/** Symbols for terminals with UTF-8. */
export const unicodeGlyphs: Glyphs = {
  ascii: false,
  ellipsis: '…',
  cursor: '▌',
  ascending: '▴',
  descending: '▾',
  asking: '?',
  error: '✖',
  truncated: '✂',
  working: '▶',
  retrying: '↻',
  queued: '◌',
  unread: '●',
  idle: '○',
  fresh: '+',
  stale: '†',
  full: '█',
  empty: '░',
  levels: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  done: '✓',
  bullet: '•',
  box: { topLeft: '┌', topRight: '┐', bottomLeft: '└', bottomRight: '┘', across: '─', down: '│' },
};

/** Symbols for `--ascii` and for terminals without UTF-8. */
export const asciiGlyphs: Glyphs = {
  ascii: true,
  ellipsis: '~',
  cursor: '>',
  ascending: '^',
  descending: 'v',
  asking: '?',
  error: 'x',
  truncated: '%',
  working: '>',
  retrying: '@',
  queued: '.',
  unread: '*',
  idle: 'o',
  fresh: '+',
  stale: '!',
  full: '#',
  empty: '.',
  levels: ['_', '.', ':', '-', '=', '+', '*', '#'],
  done: '*',
  bullet: '-',
  box: { topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+', across: '-', down: '|' },
};

const plain = /^[\x20-\x7e]*$/;
const lookalikes: Readonly<Record<string, string>> = {
  '…': '~',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '·': '.',
  '•': '*',
  '└': '`',
};

/** Returns ASCII text of the same width: letters without accents, similar symbols, and `?` for any other cell. */
export function toAscii(text: string): string {
  if (plain.test(text)) return text;
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    out +=
      code < 0x7f
        ? character
        : (lookalikes[character] ?? unaccented(character) ?? '?'.repeat(cellWidth(code)));
  }
  return out;
}

function unaccented(character: string): string | undefined {
  const base = character.normalize('NFD')[0] ?? '';
  return plain.test(base) ? base : undefined;
}
