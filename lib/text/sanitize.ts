import { truncate } from './width.ts';

declare const displayText: unique symbol;

/** Text that holds nothing but printable characters of known width: the only text that widgets and reports accept. */
export type DisplayText = string & { readonly [displayText]: true };

/** No line on a screen is longer; everything behind it is cut off before any work is done on the text. */
const maxLineChars = 16_384;
/** Letters carry one mark, rarely two or three; a flood of them would climb over the rows above. */
const maxMarks = 3;

/**
 * Escape sequences as a whole: OSC, DCS, SOS, PM and APC up to their terminator (BEL, ST), CSI with parameters,
 * then every two-character one. No class below contains an introducer, so each character is looked at a bounded number
 * of times; an unterminated string loses its introducer only.
 */
const escapes =
  /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]/g;
const blanks = /[\s\x85\p{Z}]+/gu;
const controls = /[\x00-\x1f\x7f-\x9f]/g;
/** Invisible, of no width, or turning the reading direction; ZWJ is kept until clusters are resolved. */
const invisible = /(?!\u200d)[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** An emoji with what joins it: skin tones, further persons, keycaps' frames. */
const cluster = /(\p{Extended_Pictographic})(?:\u200d\p{Extended_Pictographic}?|\p{Emoji_Modifier})+/gu;
const joiners = /[\u200d\u20e3]/g;
const flagLetters = /[\u{1f1e6}-\u{1f1ff}]/gu;
const floods = new RegExp(`(\\p{M}{${maxMarks}})\\p{M}+`, 'gu');
/** Marks with no letter to sit on would land in the cell before, which is someone else's. */
const looseMarks = /(^| )\p{M}+/gu;
/**
 * Of unknown width: lone surrogates, unassigned code points, and the emoji of Unicode 15 and later, for which
 * tmux 3.3a on Debian 12 moves the cursor by nothing at all.
 */
const unknown =
  /[\p{Cs}\p{Cn}\u{1f6d8}\u{1f6dc}\u{1fa75}-\u{1fa77}\u{1fa87}-\u{1fa8f}\u{1faad}-\u{1faaf}\u{1fabb}-\u{1fabf}\u{1fac6}-\u{1facf}\u{1fada}-\u{1fadf}\u{1fae8}-\u{1faef}\u{1faf7}-\u{1faff}]/gu;
/** Korean vowels and finals that found no initial to join: tmux gives them no cell. */
const looseJamo = /[\u1160-\u11ff\ud7b0-\ud7ff]/g;
const plain = /^[\x20-\x7e]*$/;

/**
 * One line of printable text from anything outside; cut to `maxCells` with `…` where given.
 * Line breaks and tabs become single spaces, escape sequences and invisible characters go, emoji of several code points
 * become their first one, flags their two letters. Linear in `maxCells`, or else in the first 16,384 characters.
 */
export function sanitize(raw: string, maxCells?: number): DisplayText {
  const limit = maxCells === undefined ? maxLineChars : Math.min(maxLineChars, 256 + maxCells * 16);
  const line = printable(head(raw, limit)).replace(/ {2,}/g, ' ').trim();
  const marked = raw.length > limit && line !== '' && !line.endsWith('…') ? `${line}…` : line;
  return (maxCells === undefined ? marked : truncate(marked, maxCells)) as DisplayText;
}

/**
 * The first non-empty lines of a text, each printable, with their indentation (a tab is two spaces).
 * Lines are found one by one, so a text of any length costs no more than what is returned and its blank lines.
 */
export function sanitizeLines(raw: string, maxLines = 1000): DisplayText[] {
  const lines: DisplayText[] = [];
  const limit = maxLines * maxLineChars;
  let start = 0;
  while (start < raw.length && start < limit && lines.length < maxLines) {
    const end = lineEnd(raw, start);
    const source = head(raw.slice(start, Math.min(end, start + maxLineChars)), maxLineChars);
    const line = printable(source.replaceAll('\t', '  ')).trimEnd();
    if (line !== '') lines.push(line as DisplayText);
    start = end + 1;
  }
  return lines;
}

/** A piece of one line, printable, its blanks as they are: for text whose place on the line matters. */
export function sanitizeSpaced(raw: string): DisplayText {
  return printable(head(raw, maxLineChars)) as DisplayText;
}

const colours = /(\x1b\[[\d;]*m)/;

/** Lines that another otop drew: printable, with their colours and of any length, which whoever read them bounds. */
export function sanitizeDrawn(raw: string): string {
  const drawn = (line: string) =>
    line.split(colours).map((piece, at) => (at % 2 === 1 ? piece : printable(piece)));
  return raw
    .split('\n')
    .map((line) => drawn(line).join(''))
    .join('\n');
}

/** Where the line that starts at `start` ends: at the next CR or LF, or at the end. */
function lineEnd(raw: string, start: number): number {
  lineBreak.lastIndex = start;
  return lineBreak.exec(raw)?.index ?? raw.length;
}

const lineBreak = /[\r\n]/g;

/** The beginning of a text, never ending in half of a surrogate pair. */
function head(raw: string, maxChars: number): string {
  if (raw.length <= maxChars) return raw;
  const last = raw.charCodeAt(maxChars - 1);
  return detached(raw.slice(0, last >= 0xd800 && last <= 0xdbff ? maxChars - 1 : maxChars));
}

/**
 * The same text as a string of its own. V8 makes a piece of a text by pointing into it, so that a line of a tool's output
 * would keep all of its megabytes; a sum that is cut is written out first.
 */
export function detached(piece: string): string {
  return ` ${piece}`.slice(1);
}

function printable(raw: string): string {
  if (plain.test(raw)) return raw;
  return raw
    .replace(escapes, '')
    .replace(blanks, (run) => (/^ +$/.test(run) ? run : ' '))
    .replace(controls, '')
    .replace(invisible, '')
    .replace(cluster, '$1')
    .replace(joiners, '')
    .replace(flagLetters, (letter) => String.fromCharCode(65 + (letter.codePointAt(0) ?? 0) - 0x1f1e6))
    .replace(unknown, '\ufffd')
    .replace(floods, '$1')
    .normalize('NFC')
    .replace(looseJamo, '')
    .replace(looseMarks, '$1');
}
