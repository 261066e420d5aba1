import { type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { configurationSchema, type SomeSettings } from '../domain/schema/configuration.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { type ConfigNode, readSettings } from './read-settings.ts';

/** Something in a configuration that cannot be meant so. Lines and columns count from 1, as editors do. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  readonly text: DisplayText;
}

/** What a configuration says, and all that is wrong with it. */
export interface ConfigReading {
  readonly values: SomeSettings;
  readonly problems: readonly ConfigProblem[];
}

const syntaxWords: Readonly<Record<string, string>> = {
  CommaExpected: 'a comma is missing before this',
  ColonExpected: 'a colon is missing before this',
  ValueExpected: 'a value is missing here',
  PropertyNameExpected: 'a name in quotes is missing here',
  CloseBraceExpected: 'a } is missing here',
  CloseBracketExpected: 'a ] is missing here',
  EndOfFileExpected: 'nothing may follow the last }',
  InvalidSymbol: 'this is no value: texts stand in quotes',
  UnexpectedEndOfString: 'this text is not closed by a quote',
  UnexpectedEndOfComment: 'this comment is not closed by */',
  InvalidCharacter: 'this character may not stand in a text: write it as an escape',
  InvalidEscapeCharacter: 'no such escape: a backslash is written \\\\',
};

/**
 * Reads a configuration: JSON with comments and trailing commas. Every mistake is named, not only the first. Of a text
 * that is not even JSON nothing is taken, of any other all that is right.
 */
export function readConfigText(text: string): ConfigReading {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const problems: ConfigProblem[] = [];
  const note = (words: string, offset: number) =>
    problems.push({ ...placeOf(text, offset), text: sanitize(words) });
  for (const { error, offset } of errors) {
    const code = printParseErrorCode(error);
    note(syntaxWords[code] ?? code, offset);
  }
  if (problems.length > 0) return { values: {}, problems };
  // An empty file, or one of comments only, says nothing, which is no mistake.
  if (!root) return { values: {}, problems };
  if (root.type !== 'object') {
    note('a configuration is an object: { … }', root.offset);
    return { values: {}, problems };
  }
  const node = withoutSchema(root as ConfigNode);
  const values = readSettings(configurationSchema, node, (words, { offset }) => note(words, offset));
  return { values: values ?? {}, problems };
}

/** Editors are told the schema by the file itself. */
function withoutSchema(root: ConfigNode): ConfigNode {
  return {
    ...root,
    children: (root.children ?? []).filter(({ children }) => children?.[0]?.value !== '$schema'),
  };
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
