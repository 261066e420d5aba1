import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The root of the repository. */
export const root = resolve(import.meta.dirname, '../..');

/** Reads a file of the repository by its path from the root. */
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The documents for users, whose commands must run: the README and `docs/`. */
export const userDocuments: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

/** A fenced block of a document; `language` is empty if it names none. */
interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a document, in order; those in lists are indented. */
function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = '', language = '', text = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** A document without its fenced blocks. */
export function proseOf(markdown: string): string {
  return markdown.replaceAll(/^( *)```\w*\n[\s\S]*?^\1```$/gm, '');
}

/** One command of a document: its words as the shell passes them on, without redirections. */
export interface DocumentCommand {
  readonly document: string;
  /** The line of the document that has it. */
  readonly line: string;
  readonly words: readonly string[];
}

/** The commands of a document's blocks of shell. */
export function shellCommandsOf(document: string): DocumentCommand[] {
  return blocksOf(textOf(document))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
    .flatMap((line) => commandsIn(line).map((words) => ({ document, line: line.trim(), words })));
}

/**
 * The commands of otop that are not in blocks of shell: as code in a sentence, and in lines of tmux.conf. Leaves out
 * usage lines, which have words like `<pid|session>`.
 */
export function mentionedCommandsOf(document: string): DocumentCommand[] {
  const markdown = textOf(document).replaceAll('\\|', '|');
  // A sentence, and code in it, may go on in the next line.
  const sentences = proseOf(markdown).replaceAll(/([^\n|])\n(?=[^\n|])/g, '$1 ');
  const inSentences = [...sentences.matchAll(/`(otop(?: [^`\n]+)?)`/g)];
  const configurations = blocksOf(markdown).filter(({ language }) => language !== 'sh');
  const inConfigurations = configurations.flatMap(({ text }) => [
    ...text.matchAll(/["'(](otop [^"')]*)["')]/g),
  ]);
  return [...inSentences, ...inConfigurations]
    .map(([, line = '']) => line)
    .filter((line) => !/[<[…]/.test(line))
    .flatMap((line) => commandsIn(line).map((words) => ({ document, line, words })));
}

/** Splits a line of shell into its commands. Knows quotes, comments, redirections and `$(…)`, and no other syntax. */
export function commandsIn(line: string): string[][] {
  const commands: string[][] = [[]];
  const token =
    /\s+|#.*$|(&&|\|\||[|;&])|(\d?>>?|<)\s*[^\s;|&]+|((?:"(?:\\.|[^"\\])*"|'[^']*'|\$\([^)]*\)|\\.|[^\s"'|;&<>#\\]|(?<=\S)#)+)/gy;
  for (const [, separator, redirection, word] of line.matchAll(token)) {
    if (separator !== undefined) commands.push([]);
    else if (redirection === undefined && word !== undefined) commands.at(-1)?.push(unquoted(word));
  }
  return commands.filter((words) => words.length > 0);
}

function unquoted(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_all, double?: string, single?: string) =>
    double === undefined ? (single ?? '') : double.replaceAll(/\\(.)/g, '$1'),
  );
}

/** The words after `otop`, also behind a program that runs it, such as `watch`; undefined if it is not called. */
export function otopArguments({ words }: DocumentCommand): readonly string[] | undefined {
  const at = words.indexOf('otop');
  const [first = ''] = words;
  return at === 0 || (at > 0 && ['watch', 'ssh'].includes(first)) ? words.slice(at + 1) : undefined;
}
