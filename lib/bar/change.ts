import { isUtf8 } from 'node:buffer';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode, realPath, shortPath } from '../system/files.ts';
import { removeEmptyFolders, writeOwnedFile } from '../system/owned-file.ts';
import { sanitizeSpaced } from '../text/sanitize.ts';
import type { Program } from './marks.ts';

/** What shall become of one file. */
export interface Change {
  readonly path: string;
  /** Its text now, after each step, and at the end; undefined where there is no file. */
  readonly steps: readonly (string | undefined)[];
  /** The mode of a file that otop makes. */
  readonly mode: number;
  /** The first folder that otop made for it; its empty folders go with the file. */
  readonly topFolder?: string;
}

/** A bar, or the service, as it is found on this machine. */
export type Look =
  /** otop must not touch it; `why` is one line. `isMissing` if there is no such bar for this user, which is no fault. */
  | { readonly kind: 'refused'; readonly why: string; readonly isMissing?: true }
  | { readonly kind: 'absent'; readonly path: string; readonly install: Change; readonly needsForce?: string }
  | {
      readonly kind: 'installed';
      readonly path: string;
      /** True if the text is what this version of otop writes for the program that it names. */
      readonly isCurrent: boolean;
      /** Why only `--force` changes it; absent if nothing is in the way. */
      readonly needsForce?: string;
      /** What keeps it from working, in words. */
      readonly troubles: readonly string[];
      /** Brings it up to date with this otop; absent if it is. */
      readonly update?: Change;
      readonly remove: Change;
    };

/** What all bars need to know. */
export interface Wanted {
  readonly program: Program;
  readonly version: string;
  /** The configuration file that the user named. */
  readonly file?: string;
  /** SwiftBar's plugin folder that the user named. */
  readonly folder?: string;
}

const maxBytes = 4 * 2 ** 20;

/**
 * Returns the text of a file that otop may change, undefined if there is no file; or the reason in words why otop cannot
 * read or must not write it.
 */
export function readText(path: string): { readonly text: string | undefined } | { readonly why: string } {
  let descriptor: number;
  try {
    if (!existsSync(path)) {
      if (lstatSync(path, { throwIfNoEntry: false })) return { why: `${path} is a link that leads nowhere` };
      return { text: undefined };
    }
    accessSync(path, constants.R_OK | constants.W_OK);
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { why: `${path} cannot be read and written (${errorCode(error)})` };
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { why: `${path} is no plain file` };
    if (stats.size > maxBytes) return { why: `${path} is too large` };
    const bytes = readFileSync(descriptor);
    // Other bytes would not survive the way through a text.
    return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { why: `${path} is not UTF-8` };
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a change, or removes the file. Returns the reason in words if it cannot, or if the file is no longer as shown. */
export function applyChange({ path, steps, mode, topFolder }: Change): string | undefined {
  const now = readText(path);
  if ('why' in now) return now.why;
  if (now.text !== steps[0]) return `${path} has changed meanwhile: nothing was written; try again`;
  const text = steps.at(-1);
  try {
    if (text === undefined) {
      // A link and what it leads to: the mark says that both are otop's.
      for (const each of [realPath(path), path]) rmSync(each, { force: true });
      if (topFolder !== undefined) removeEmptyFolders(dirname(path), topFolder);
    } else {
      writeOwnedFile(path, text, mode);
    }
    return undefined;
  } catch (error) {
    return `${path} cannot be written: ${errorCode(error) ?? error}`;
  }
}

/** Returns the first folder on the way to a file that does not exist; undefined if all do. */
export function firstMissingFolder(path: string): string | undefined {
  const folder = dirname(path);
  if (existsSync(folder)) return undefined;
  return firstMissingFolder(folder) ?? folder;
}

/** Returns a change as a unified diff for the user's eyes: one hunk a step. */
export function differenceLines({ path, steps }: Change, homeDir: string): string[] {
  const name = shortPath(path, homeDir);
  const [before, after] = [steps[0], steps.at(-1)];
  const head = [
    `--- ${before === undefined ? '/dev/null' : name}`,
    `+++ ${after === undefined ? '/dev/null' : name}`,
  ];
  const hunks = steps.slice(1).flatMap((step, index) => hunkLines(steps[index] ?? '', step ?? ''));
  return [...head, ...hunks].map(sanitizeSpaced);
}

const contextLines = 2;

/** The one hunk between two texts that are alike at both ends. */
function hunkLines(before: string, after: string): string[] {
  const [olds, news] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < Math.min(olds.length, news.length) && olds[head] === news[head]) head++;
  let tail = 0;
  const rest = Math.min(olds.length, news.length) - head;
  while (tail < rest && olds[olds.length - 1 - tail] === news[news.length - 1 - tail]) tail++;
  const start = Math.max(0, head - contextLines);
  const kept = Math.min(tail, contextLines);
  const range = (lines: readonly string[]) => {
    const count = lines.length - tail + kept - start;
    return `${count === 0 ? start : start + 1},${count}`;
  };
  return [
    `@@ -${range(olds)} +${range(news)} @@`,
    ...olds.slice(start, head).map((line) => ` ${line}`),
    ...olds.slice(head, olds.length - tail).map((line) => `-${line}`),
    ...news.slice(head, news.length - tail).map((line) => `+${line}`),
    ...olds.slice(olds.length - tail, olds.length - tail + kept).map((line) => ` ${line}`),
  ].flatMap((line) => line.replace(/\r(?=\n|$)/, '').split('\n'));
}

/** A last line without a line break is another line than with one, as for diff(1). */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}
