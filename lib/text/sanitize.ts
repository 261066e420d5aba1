import { truncate } from './width.ts';

declare const displayText: unique symbol;

/** Text of only printable characters of known width; widgets and reports accept no other text. */
export type DisplayText = string & { readonly [displayText]: true };

/** No line on a screen is longer. Longer text is cut first, to limit the work. */
const maxLineChars = 16_384;
/** Letters have one combining mark, rarely two or three. More marks would overwrite the rows above. */
const maxMarks = 3;

/**
 * Whole escape sequences: OSC, DCS, SOS, PM and APC up to their terminator (BEL, ST), CSI with parameters, then all of
 * two characters. No character class contains an introducer, so the time is linear; an unterminated string loses only
 * its introducer.
 */
const escapes =
  /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]/g;
const blanks = /[\s\x85\p{Z}]+/gu;
const controls = /[\x00-\x1f\x7f-\x9f]/g;
/** Characters that are invisible, have no width or change the reading direction. ZWJ stays until clusters are resolved. */
const invisible = /(?!\u200d)[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** An emoji with the code points that join it: skin tones and further emoji. */
const cluster = /(\p{Extended_Pictographic})(?:\u200d\p{Extended_Pictographic}?|\p{Emoji_Modifier})+/gu;
const joiners = /[\u200d\u20e3]/g;
const flagLetters = /[\u{1f1e6}-\u{1f1ff}]/gu;
const floods = new RegExp(`(\\p{M}{${maxMarks}})\\p{M}+`, 'gu');
/** Combining marks without a letter, which a terminal would draw in the previous cell. */
const looseMarks = /(^| )\p{M}+/gu;
/**
 * Characters of unknown width: lone surrogates, unassigned code points, and the emoji of Unicode 15 and later, for
 * which tmux 3.3a on Debian 12 does not move the cursor.
 */
const unknown =
  /[\p{Cs}\p{Cn}\u{1f6d8}\u{1f6dc}\u{1fa75}-\u{1fa77}\u{1fa87}-\u{1fa8f}\u{1faad}-\u{1faaf}\u{1fabb}-\u{1fabf}\u{1fac6}-\u{1facf}\u{1fada}-\u{1fadf}\u{1fae8}-\u{1faef}\u{1faf7}-\u{1faff}]/gu;
/** Korean vowels and finals without an initial to join; tmux gives them no cell. */
const looseJamo = /[\u1160-\u11ff\ud7b0-\ud7ff]/g;
const plain = /^[\x20-\x7e]*$/;

/**
 * Turns any outside text into one line of printable text; cuts it to `maxCells` with `…` if given. Line breaks and tabs
 * become single spaces, escape sequences and invisible characters are removed, emoji of several code points become
 * their first one, flags their two letters. Linear in `maxCells`, else in the first 16,384 characters. Twice is as once.
 */
export function sanitize(raw: string, maxCells?: number): DisplayText {
  const limit = maxCells === undefined ? maxLineChars : Math.min(maxLineChars, 256 + maxCells * 16);
  const whole = printable(head(raw, limit)).replace(/ {2,}/g, ' ');
  const line = head(whole, limit).trim();
  const isCut = raw.length > limit || whole.length > limit;
  const marked = isCut && line !== '' && !line.endsWith('…') ? `${line}…` : line;
  return (maxCells === undefined ? marked : truncate(marked, maxCells)) as DisplayText;
}

/**
 * Returns the first non-empty lines of a text, each printable, with their indentation (a tab is two spaces). Finds
 * lines one by one, so that a long text costs no more than the returned lines and the blank ones between them.
 */
export function sanitizeLines(raw: string, maxLines = 1000): DisplayText[] {
  const lines: DisplayText[] = [];
  const limit = maxLines * maxLineChars;
  let start = 0;
  while (start < raw.length && start < limit && lines.length < maxLines) {
    const end = lineEnd(raw, start);
    // One character more than the limit, so that `head` sees a pair that the limit would split.
    const source = head(raw.slice(start, Math.min(end, start + maxLineChars + 1)), maxLineChars);
    const line = head(printable(source.replaceAll('\t', '  ')), maxLineChars).trimEnd();
    if (line !== '') lines.push(line as DisplayText);
    start = end + 1;
  }
  return lines;
}

/** Makes a piece of one line printable and keeps its blanks, for text whose column matters. */
export function sanitizeSpaced(raw: string): DisplayText {
  return head(printable(head(raw, maxLineChars)), maxLineChars) as DisplayText;
}

/**
 * Makes the pieces of one line printable and keeps their blanks; returns as many pieces. They are printable when joined,
 * too: a character that begins in one piece and ends in the next (a letter and its accent) is whole in the first. What
 * exceeds `maxChars` is cut off.
 */
export function sanitizePieces(raw: readonly string[], maxChars = maxLineChars): DisplayText[] {
  const shown: string[] = [];
  /** The end of what is shown, which the start of the next piece can change: see `lastCharacter`. */
  let end = '';
  let room = maxChars;
  for (const piece of raw) {
    if (piece === '' || room === 0) {
      shown.push('');
      continue;
    }
    const joined = printable(end + head(piece, room));
    const kept = sharedChars(end, joined);
    let added = joined.slice(kept);
    if (kept < end.length) {
      // Only blanks changed if the character before them is the same.
      const [completed = ''] = (kept < end.trimEnd().length && /^.\p{M}*/su.exec(added)) || [];
      replaceEnd(shown, end.length - kept, completed);
      added = added.slice(completed.length);
    }
    added = head(added, room);
    shown.push(added);
    room -= added.length;
    end = lastCharacter(joined);
  }
  return shown as DisplayText[];
}

/** The last character of a printable text with its marks and the blanks after it. */
function lastCharacter(text: string): string {
  let at = text.trimEnd().length - 1;
  while (at > 0 && /^[\udc00-\udfff\p{M}]/u.test(text.slice(at))) at -= 1;
  return detached(text.slice(Math.max(0, at)));
}

/** The length of the longest common start of two texts; no character is halved. */
function sharedChars(one: string, other: string): number {
  let length = 0;
  for (const character of one) {
    if (!other.startsWith(character, length)) break;
    length += character.length;
  }
  return length;
}

/** Removes the last `length` characters of the joined pieces, and puts `instead` into the piece where they began. */
function replaceEnd(pieces: string[], length: number, instead: string): void {
  let left = length;
  for (let at = pieces.length - 1; at >= 0 && left > 0; at -= 1) {
    const piece = pieces[at] ?? '';
    const removed = Math.min(piece.length, left);
    left -= removed;
    pieces[at] = piece.slice(0, piece.length - removed) + (left === 0 ? instead : '');
  }
}

const colours = /(\x1b\[[\d;]*m)/;

/** Makes lines that another otop drew printable and keeps their colours. The caller must limit their length. */
export function sanitizeDrawn(raw: string): string {
  return raw.split('\n').map(drawnLine).join('\n');
}

function drawnLine(raw: string): string {
  const parts = raw.split(colours);
  const texts = sanitizePieces(
    parts.filter((_part, at) => at % 2 === 0),
    Number.POSITIVE_INFINITY,
  );
  return parts.map((part, at) => (at % 2 === 1 ? part : texts[at / 2])).join('');
}

/** Returns the end of the line that starts at `start`: the next CR or LF, or the end of the text. */
function lineEnd(raw: string, start: number): number {
  lineBreak.lastIndex = start;
  return lineBreak.exec(raw)?.index ?? raw.length;
}

const lineBreak = /[\r\n]/g;

/** Returns the start of a text, never ending in half a surrogate pair. */
function head(raw: string, maxChars: number): string {
  if (raw.length <= maxChars) return raw;
  const last = raw.charCodeAt(maxChars - 1);
  return detached(raw.slice(0, last >= 0xd800 && last <= 0xdbff ? maxChars - 1 : maxChars));
}

/**
 * Returns a copy of a text. V8 represents a slice by a pointer into the original, so a line of a tool's output would
 * keep megabytes in memory. V8 copies the characters when it slices a concatenation.
 */
export function detached(piece: string): string {
  return ` ${piece}`.slice(1);
}

/**
 * Repeats the pass until it changes nothing: what one step removes makes two others neighbours, as a vowel between an
 * emoji and its skin tone. No input is known to need more than three passes, the last of which finds nothing to do.
 */
function printable(raw: string): string {
  let text = raw;
  while (!plain.test(text)) {
    const next = printablePass(text);
    if (next === text) break;
    text = next;
  }
  return text;
}

function printablePass(raw: string): string {
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
