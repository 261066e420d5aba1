/** The line under an answer that is being written: `▣  Build · model`. */
const footer = /^ {2,8}▣ /;
/** Prompts, tool calls and the input stand in blocks with a bar; an answer's text has none. */
const block = /^ {0,8}[┃╹╻]/;
/** Text begins here at the latest, indented code included; what begins further right is the side bar. */
const mostIndent = 40;
/** The scroll bar and the side bar stand this far behind the text; no prose has such a gap. */
const beside = /(?: {3,}| *█).*$/;

/**
 * The last line of text that an opencode TUI shows of the answer it is writing, from its screen's lines: the words
 * above the answer's footer, in every version from 1.2.27 to 1.18.33. Undefined where there is no such text yet, or
 * where the screen is scrolled away from it.
 */
export function streamedLine(lines: readonly string[]): string | undefined {
  for (let at = lines.findLastIndex((line) => footer.test(line)) - 1; at >= 0; at--) {
    const line = lines[at] ?? '';
    if (block.test(line)) return undefined;
    const start = line.search(/[^ █]/);
    const text = start < 0 || start > mostIndent ? '' : line.slice(start).replace(beside, '');
    if (text !== '') return text;
  }
  return undefined;
}
