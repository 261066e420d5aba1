/**
 * Matches what printed text must not contain: control characters except the line end, invisible or bidirectional
 * characters, lone surrogates, more than three combining marks on a letter.
 */
const harmful =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}\p{Cf}\p{Default_Ignorable_Code_Point}]|\p{M}{4}/u;

/** Returns the first harmful place of a printed text with its context, as JSON text; undefined if there is none. */
export function harmIn(text: string): string | undefined {
  const found = harmful.exec(text);
  return found ? JSON.stringify(text.slice(Math.max(0, found.index - 40), found.index + 40)) : undefined;
}

/** All escape sequences that otop sends to a terminal. */
const own: readonly RegExp[] = [
  // Alternate screen, cursor, application keys, mouse, bracketed paste; all reset at exit.
  /^\x1b\[\?(?:1|7|12|25|1000|1002|1003|1005|1006|1015|1049|2004)(?:;\d+)*[hl]$/,
  /^\x1b[=>78]$/,
  // Cursor position, erasing, the scroll region, 256 colours, the title stack.
  /^\x1b\[(?:\d*|\d+;\d+)[HfGdABCDEFJKX]$/,
  /^\x1b\[\d*;?\d*r$/,
  /^\x1b\[[\d;]*m$/,
  /^\x1b\[2[23];0t$/,
  /^\x1b\[(?:!p|0c|\?3l|\?4l|4l|\?3;4l)$/,
  // The terminal title: otop's name and a count, or empty.
  /^\x1b\]2;(?:otop(?:: \d+ needs? you)?)?\x07$/,
  /^\x1b\([B0]$/,
];

const sequence = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|[\x0d\x0e\x0f]/g;

/** Returns unknown sequences and harmful text in bytes sent to a terminal, each once, as JSON text. */
export function foreignIn(sent: string): readonly string[] {
  const unknown = new Set<string>();
  const text = sent.replace(sequence, (found) => {
    if (found.length > 1 && !own.some((pattern) => pattern.test(found))) unknown.add(JSON.stringify(found));
    return '';
  });
  const harm = harmIn(text);
  return [...unknown, ...(harm === undefined ? [] : [harm])];
}
