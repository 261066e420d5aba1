import { createHash } from 'node:crypto';
import type { Environment } from '../system/surroundings.ts';

/** What a status bar starts: absolute paths, and the variables of the environment that bars do not have. */
export interface Program {
  readonly node: string;
  /** otop itself, as Node starts it. */
  readonly script: string;
  readonly env: Environment;
  /** A terminal for a click; absent if a bar opens none, or if there is none. */
  readonly terminal?: string;
}

/** What a mark says of the text that it marks. It stands in the marked file, so no second file can be lost or wrong. */
export interface Facts extends Program {
  readonly version: string;
  /** Of the marked text. Another sum says that somebody changed the text. */
  readonly sum: string;
  /** True if otop made the file. */
  readonly newFile?: boolean;
  /** True if the line break before the mark is otop's: the file did not end with one. */
  readonly addedLineBreak?: boolean;
  /** The first folder that otop made for the file. */
  readonly topFolder?: string;
}

/** Facts without the sum, which follows from the text. */
export type NewFacts = Omit<Facts, 'sum'>;

/** How a line of a comment begins. */
export type CommentSign = '#' | '//' | '<!--';

/** otop's lines in a file of somebody else. */
export type MarkedLines =
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly why: string }
  | {
      readonly kind: 'lines';
      /** Offset of the first mark's line, and of what follows the last mark's line. */
      readonly start: number;
      readonly end: number;
      readonly indent: string;
      readonly lineBreak: string;
      /** The lines between the marks. */
      readonly body: readonly string[];
      /** Undefined if the first mark was changed by hand. */
      readonly facts: Facts | undefined;
      readonly isEdited: boolean;
    };

const firstMark = /^([ \t]*)(?:#|\/\/) >>> otop(?:[ \t]+(.*?))?[ \t\r]*$/;
const lastMark = /^[ \t]*(?:#|\/\/) <<< otop[ \t\r]*$/;
/** Of a whole file: the mark is on one of its first lines. */
const fileMark = /^(?:#|<!--) >>> otop (.*?)(?: -->)?$/;
const fileMarkLines = 5;

/** Finds otop's lines in a text. Two pairs of marks, or one without the other, are broken: otop cannot know what is its. */
export function findMarkedLines(text: string): MarkedLines {
  const lines = text.split('\n');
  const firsts = indexesOf(lines, firstMark);
  const lasts = indexesOf(lines, lastMark);
  const [first, last] = [firsts[0], lasts[0]];
  if (first === undefined && last === undefined) return { kind: 'none' };
  if (first === undefined || last === undefined || firsts.length > 1 || lasts.length > 1 || last < first) {
    const places = [...firsts, ...lasts].sort((one, other) => one - other).map((index) => index + 1);
    const why = `otop's marks (>>> otop, <<< otop) are not one pair: correct line ${places.join(', ')} by hand`;
    return { kind: 'broken', why };
  }
  const offsetOf = (index: number) =>
    lines.slice(0, index).reduce((offset, line) => offset + line.length + 1, 0);
  const line = lines[first] ?? '';
  const [, indent = '', json = ''] = firstMark.exec(line) ?? [];
  const body = lines.slice(first + 1, last).map((each) => each.replace(/\r$/, ''));
  const facts = parseFacts(json);
  return {
    kind: 'lines',
    start: offsetOf(first),
    end: Math.min(offsetOf(last + 1), text.length),
    indent,
    lineBreak: line.endsWith('\r') ? '\r\n' : '\n',
    body,
    facts,
    isEdited: facts?.sum !== sumOf(body),
  };
}

function indexesOf(lines: readonly string[], mark: RegExp): number[] {
  return lines.flatMap((line, index) => (mark.test(line) ? [index] : []));
}

/** Returns lines between marks, without a line break at the end. */
export function markedText(
  body: readonly string[],
  facts: NewFacts,
  {
    sign,
    indent,
    lineBreak,
  }: { readonly sign: CommentSign; readonly indent: string; readonly lineBreak: string },
): string {
  const first = `${indent}${sign} >>> otop ${factsJson(facts, body)}`;
  return [first, ...body, `${indent}${sign} <<< otop`].join(lineBreak);
}

/**
 * Returns the text without otop's lines. With `joins`, or if nothing follows, the line break that otop added before them
 * goes too; otherwise it now separates the user's own lines.
 */
export function withoutMarkedLines(
  text: string,
  { start, end, lineBreak, facts }: Extract<MarkedLines, { kind: 'lines' }>,
  joins: boolean,
): string {
  const rest = text.slice(end);
  const before = text.slice(0, start);
  const isOurs = facts?.addedLineBreak === true && (joins || rest === '') && before.endsWith(lineBreak);
  return (isOurs ? before.slice(0, -lineBreak.length) : before) + rest;
}

/** Returns the text of a file that is all otop's: its lines with the mark before line `markAt`, counted from 0. */
export function wholeFileText(
  lines: readonly string[],
  markAt: number,
  sign: CommentSign,
  facts: NewFacts,
): string {
  const mark = `${sign} >>> otop ${factsJson(facts, lines)}${sign === '<!--' ? ' -->' : ''}`;
  return `${[...lines.slice(0, markAt), mark, ...lines.slice(markAt)].join('\n')}\n`;
}

/** Returns what the mark of a whole file says; undefined if the file is not otop's. */
export function readWholeFile(
  text: string,
): { readonly facts?: Facts; readonly isEdited: boolean } | undefined {
  const lines = text.replace(/\n$/, '').split('\n');
  const markAt = lines.slice(0, fileMarkLines).findIndex((line) => fileMark.test(line));
  if (markAt === -1) return undefined;
  const facts = parseFacts(fileMark.exec(lines[markAt] ?? '')?.[1] ?? '');
  const isEdited = facts?.sum !== sumOf(lines.toSpliced(markAt, 1)) || !text.endsWith('\n');
  return { ...(facts && { facts }), isEdited };
}

function sumOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12);
}

/** One line of JSON. An XML comment may not contain two hyphens. */
function factsJson(
  { version, node, script, env, terminal, ...rest }: NewFacts,
  lines: readonly string[],
): string {
  const known = { version, node, script, env, terminal, ...rest, sum: sumOf(lines) };
  return JSON.stringify(known).replaceAll('--', '-\\u002d');
}

function parseFacts(json: string): Facts | undefined {
  try {
    const stored: unknown = JSON.parse(json);
    return isFacts(stored) ? stored : undefined;
  } catch {
    // Somebody changed the mark; the caller treats the lines as changed.
    return undefined;
  }
}

function isFacts(stored: unknown): stored is Facts {
  if (typeof stored !== 'object' || stored === null) return false;
  const { version, node, script, env, terminal, sum, newFile, addedLineBreak, topFolder } = stored as Record<
    keyof Facts,
    unknown
  >;
  const isText = (value: unknown) => typeof value === 'string';
  const isIfThere = (value: unknown, type: string) => value === undefined || typeof value === type;
  return (
    [version, node, script, sum].every(isText) &&
    typeof env === 'object' &&
    env !== null &&
    Object.values(env).every(isText) &&
    [terminal, topFolder].every((value) => isIfThere(value, 'string')) &&
    [newFile, addedLineBreak].every((value) => isIfThere(value, 'boolean'))
  );
}
