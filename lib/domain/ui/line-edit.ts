import { sanitize } from '../../text/sanitize.ts';

/** The text of a prompt. `cursor` is a string index, always between two characters. */
export interface EditedLine {
  readonly text: string;
  readonly cursor: number;
}

/** Limits a paste, since each later key edits the whole line. */
const maxChars = 1000;

/** Returns a line with the cursor at its end. */
export function lineOf(text: string): EditedLine {
  return { text, cursor: text.length };
}

/** Inserts text at the cursor. Control characters and line breaks are removed, and the line's length is limited. */
export function insertText({ text, cursor }: EditedLine, raw: string): EditedLine {
  const printed = /^ +$/.test(raw) ? raw : sanitize(raw);
  const inserted = printed.slice(0, Math.max(0, maxChars - text.length));
  return { text: text.slice(0, cursor) + inserted + text.slice(cursor), cursor: cursor + inserted.length };
}

/** Returns the line after a readline key, or undefined if the key edits nothing. */
export function editLine(line: EditedLine, key: string): EditedLine | undefined {
  const edit = edits[key];
  if (edit) return edit(line.text.slice(0, line.cursor), line.text.slice(line.cursor));
  if (key === 'Space') return insertText(line, ' ');
  return [...key].length === 1 ? insertText(line, key) : undefined;
}

type Edit = (before: string, after: string) => EditedLine;

const lastCharacter = /(?:\P{M}\p{M}*|\p{M})$/u;
const firstCharacter = /^(?:\P{M}\p{M}*|\p{M})/u;
const lastWord = /\S*\s*$/;
const firstWord = /^\s*\S*/;

const at = (before: string, after: string): EditedLine => ({ text: before + after, cursor: before.length });
const toLeft =
  (part: RegExp): Edit =>
  (before, after) =>
    at(before.replace(part, ''), (part.exec(before)?.[0] ?? '') + after);
const toRight =
  (part: RegExp): Edit =>
  (before, after) =>
    at(before + (part.exec(after)?.[0] ?? ''), after.replace(part, ''));
const takeLeft =
  (part: RegExp): Edit =>
  (before, after) =>
    at(before.replace(part, ''), after);
const takeRight: Edit = (before, after) => at(before, after.replace(firstCharacter, ''));
const toStart: Edit = (before, after) => at('', before + after);
const toEnd: Edit = (before, after) => at(before + after, '');

const edits: Readonly<Record<string, Edit>> = {
  Left: toLeft(lastCharacter),
  'C-b': toLeft(lastCharacter),
  Right: toRight(firstCharacter),
  'C-f': toRight(firstCharacter),
  'C-Left': toLeft(lastWord),
  'C-Right': toRight(firstWord),
  Home: toStart,
  'C-a': toStart,
  End: toEnd,
  'C-e': toEnd,
  Backspace: takeLeft(lastCharacter),
  Delete: takeRight,
  'C-d': takeRight,
  'C-w': takeLeft(lastWord),
  'C-u': (_before, after) => at('', after),
  'C-k': (before) => at(before, ''),
};
