/**
 * What may stand in text that is printed: no control but the line's end, nothing invisible or turning, no half of
 * a pair, no more than three marks on a letter.
 */
const harmful =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}\p{Cf}\p{Default_Ignorable_Code_Point}]|\p{M}{4}/u;

/** The first harmful place of a printed text, readable, with what stands around it; undefined where there is none. */
export function harmIn(text: string): string | undefined {
  const found = harmful.exec(text);
  return found ? JSON.stringify(text.slice(Math.max(0, found.index - 40), found.index + 40)) : undefined;
}

/** Everything that otop says to a terminal, sequence by sequence, with why. Its own words are no text of anybody's. */
const own: readonly RegExp[] = [
  // Alternate screen, cursor, application keys, mouse, bracketed paste; all of it taken back at the end.
  /^\x1b\[\?(?:1|7|12|25|1000|1002|1003|1005|1006|1015|1049|2004)(?:;\d+)*[hl]$/,
  /^\x1b[=>78]$/,
  // The place, erasing, the scroll region, colours of 256, the title's stack.
  /^\x1b\[(?:\d*|\d+;\d+)[HfGdABCDEFJKX]$/,
  /^\x1b\[\d*;?\d*r$/,
  /^\x1b\[[\d;]*m$/,
  /^\x1b\[2[23];0t$/,
  /^\x1b\[(?:!p|0c|\?3l|\?4l|4l|\?3;4l)$/,
  // The title: otop's name and a count, or nothing.
  /^\x1b\]2;(?:otop(?:: \d+ needs? you)?)?\x07$/,
  /^\x1b\([B0]$/,
];

const sequence = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|[\x0d\x0e\x0f]/g;

/** What in bytes sent to a terminal is not otop's own: unknown sequences and harmful text, each once, readable. */
export function foreignIn(sent: string): readonly string[] {
  const unknown = new Set<string>();
  const text = sent.replace(sequence, (found) => {
    if (found.length > 1 && !own.some((pattern) => pattern.test(found))) unknown.add(JSON.stringify(found));
    return '';
  });
  const harm = harmIn(text);
  return [...unknown, ...(harm === undefined ? [] : [harm])];
}
