import { cellWidth } from './width.ts';

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
