import { type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { configurationSchema, type SomeSettings } from '../domain/schema/configuration.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { type ConfigNode, readSettings } from './read-settings.ts';

/** A mistake in a configuration. Lines and columns count from 1, as in editors. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  readonly text: DisplayText;
}

/** The correct values of a configuration, and its mistakes. */
export interface ConfigReading {
  readonly values: SomeSettings;
  readonly problems: readonly ConfigProblem[];
}

/** The messages for the error codes of `jsonc-parser`. */
const syntaxMessages: Readonly<Record<string, string>> = {
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
 * Reads a configuration: JSON with comments and trailing commas. Returns all mistakes, and the values without mistakes; no
 * values at all if the syntax is wrong.
 */
export function readConfigText(text: string): ConfigReading {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const problems: ConfigProblem[] = [];
  const report = (message: string, offset: number) =>
    problems.push({ ...placeOf(text, offset), text: sanitize(message) });
  for (const { error, offset } of errors) {
    const code = printParseErrorCode(error);
    report(syntaxMessages[code] ?? code, offset);
  }
  if (problems.length > 0) return { values: {}, problems };
  // A file without values, empty or only comments, is no mistake.
  if (!root) return { values: {}, problems };
  if (root.type !== 'object') {
    report('a configuration is an object: { … }', root.offset);
    return { values: {}, problems };
  }
  const node = withoutSchema(root as ConfigNode);
  const values = readSettings(configurationSchema, node, (message, { offset }) => report(message, offset));
  return { values: values ?? {}, problems };
}

/** Removes `$schema`, which only editors read. */
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
