import { cellWidth } from '../text/width.ts';

/** The characters that are not letters. Each set takes the same cells, so that a layout holds for both. */
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
  /** From nothing to most. */
  readonly levels: readonly string[];
  readonly done: string;
  readonly bullet: string;
  readonly box: Readonly<
    Record<'topLeft' | 'topRight' | 'bottomLeft' | 'bottomRight' | 'across' | 'down', string>
  >;
}

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

/** For `--ascii` and for terminals without UTF-8. */
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

/** A text for a terminal without UTF-8, of the same width: accents off, look-alikes, and `?` for each other cell. */
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
