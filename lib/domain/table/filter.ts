import { fold, nearest } from '../../text/compare.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Row } from '../board/board.ts';
import {
  type FilterField,
  filterExamples,
  filterFields,
  filterNames,
  findFilterField,
} from './filter-fields.ts';
import { parseQuantity, type Quantity } from './measures.ts';

/** A parsed filter: a row is shown if it matches every term. */
export interface Filter {
  /** As typed. */
  readonly text: string;
  readonly terms: readonly Term[];
  /** First names of the fields it reads. Some fields cost a read, so they are read only if a filter names them. */
  readonly fields: ReadonlySet<string>;
}

/** One alternative has to match; if the term is negated, none may match. */
interface Term {
  readonly negated: boolean;
  readonly alternatives: readonly Test[];
}

type Test = (row: Row, nowMs: number) => boolean;

/** A mistake in a filter. `at` is an index into its text. */
export interface FilterProblem {
  readonly problem: DisplayText;
  readonly at: number;
}

/**
 * Parses a filter: `word`, `"two words"`, `field:text`, `field>10m`, `-not`, `a|b`. A row must match every term.
 * Text ignores case and accents; `:` searches inside it, `=` and `!=` compare all of it. Returns the first mistake.
 */
export function parseFilter(text: string): { readonly filter: Filter } | FilterProblem {
  const reader = new Reader(text);
  const terms: Term[] = [];
  while (reader.skipBlanks()) {
    const term = readTerm(reader);
    if ('problem' in term) return term;
    terms.push(term);
  }
  return { filter: { text, terms, fields: reader.fields } };
}

/** True if the row is shown. A comparison never matches an unknown value, so a negated one keeps such rows. */
export function matchesFilter({ terms }: Filter, row: Row, nowMs: number): boolean {
  return terms.every(
    ({ negated, alternatives }) => alternatives.some((test) => test(row, nowMs)) !== negated,
  );
}

/** Reads a filter's text from left to right, and collects the fields that it uses. */
class Reader {
  readonly text: string;
  readonly fields = new Set<string>();
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Returns the match of a sticky expression at this position and moves behind it, or undefined without a match. */
  take(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text) ?? undefined;
    if (found) this.at = sticky.lastIndex;
    return found;
  }

  /** Returns false at the end of the text. */
  skipBlanks(): boolean {
    this.take(/\s*/y);
    return this.at < this.text.length;
  }
}

function problem(words: string, at: number): FilterProblem {
  return { problem: sanitize(words), at };
}

function readTerm(reader: Reader): Term | FilterProblem {
  const negated = reader.take(/[-!]/y) !== undefined;
  const alternatives: Test[] = [];
  let before: Comparison | undefined;
  do {
    const comparison: Comparison | undefined | FilterProblem = readComparison(reader) ?? before;
    if (comparison && 'problem' in comparison) return comparison;
    before = comparison;
    const value = readValue(reader, comparison);
    if ('problem' in value) return value;
    for (const { names } of comparison ? [comparison.field] : searchedFields)
      reader.fields.add(names[0] ?? '');
    const test = comparison ? comparing(comparison, value) : searching(value);
    if (typeof test !== 'function') return test;
    alternatives.push(test);
  } while (reader.take(/\|/y));
  return { negated, alternatives };
}

type Operator = ':' | '=' | '!=' | '<' | '<=' | '>' | '>=';

interface Comparison {
  readonly field: FilterField;
  readonly name: string;
  readonly operator: Operator;
}

/** Reads `cost>` or `status:`; `cost:>` means `cost>`. */
function readComparison(reader: Reader): Comparison | FilterProblem | undefined {
  const start = reader.at;
  const found = reader.take(/([a-z][\w./%-]*):?(<=|>=|!=|[<>=:])/iy);
  if (!found) return undefined;
  const [, name = '', operator = ':'] = found;
  const field = findFilterField(name);
  if (field) return { field, name, operator: operator as Operator };
  const meant = nearest(name, filterNames());
  const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
  return problem(`no field ${name}${hint} (put text that contains ${operator} in quotes)`, start);
}

interface Value {
  readonly text: string;
  readonly at: number;
}

/** Reads a value: text up to a blank or `|`, or anything between quotes, with `\"` and `\\` as escapes. */
function readValue(reader: Reader, comparison: Comparison | undefined): Value | FilterProblem {
  const at = reader.at;
  let text = '';
  let quoted = false;
  for (;;) {
    const quote = reader.at;
    if (reader.take(/"/y)) {
      const inside = reader.take(/((?:[^"\\]|\\.?)*)"/sy)?.[1];
      if (inside === undefined) return problem('this quote is not closed', quote);
      text += inside.replace(/\\(["\\])/g, '$1');
      quoted = true;
    }
    const plain = reader.take(/[^\s"|]+/y);
    if (plain) text += plain[0];
    else if (reader.text[reader.at] !== '"') break;
  }
  if (text !== '' || (quoted && comparison)) return { text, at };
  const { name, operator } = comparison ?? {};
  return problem(
    name === undefined ? 'a word is missing here' : `a value is missing after ${name}${operator}`,
    at,
  );
}

const searchedFields = filterFields.filter((field) => field.searched);

function searching({ text }: Value): Test {
  const wanted = fold(text);
  return (row, nowMs) =>
    searchedFields.some(({ texts }) => texts(row, nowMs).some((each) => fold(each).includes(wanted)));
}

/** `field:""` matches rows whose value is unknown. */
function comparing({ field, name, operator }: Comparison, { text, at }: Value): Test | FilterProblem {
  if (field.measure === undefined) return comparingText(field, name, operator, { text, at });
  if (text === '' && /^[:=]$/.test(operator)) return (row, nowMs) => field.number(row, nowMs) === undefined;
  const quantity = parseQuantity(text, field.measure);
  if (!quantity)
    return problem(`${text} is not a value of ${name}: write it like ${filterExamples(field)}`, at);
  return (row, nowMs) => {
    const number = field.number(row, nowMs);
    return number !== undefined && compares(number, operator, quantity, field.measure === 'duration');
  };
}

function comparingText(
  field: FilterField,
  name: string,
  operator: Operator,
  { text, at }: Value,
): Test | FilterProblem {
  const wanted = fold(text);
  const unknown = unknownChoice(field, name, operator, wanted);
  if (unknown !== undefined) return problem(unknown, at);
  const anyText = (test: (text: string) => boolean) => (row: Row, nowMs: number) => {
    const texts = field.texts(row, nowMs);
    return text === '' ? texts.length === 0 : texts.some((each) => test(fold(each)));
  };
  if (operator === ':') return anyText((each) => each.includes(wanted));
  const equal = anyText((each) => each === wanted);
  if (operator === '=') return equal;
  if (operator === '!=') return (row, nowMs) => field.texts(row, nowMs).length > 0 && !equal(row, nowMs);
  return problem(`${name} is a text: ${name}:${text} finds a part of it, ${name}=${text} the whole`, at);
}

/** The mistake, if no choice of the field can match; with `:` a part of a choice is enough. */
function unknownChoice(
  { choices }: FilterField,
  name: string,
  operator: Operator,
  wanted: string,
): string | undefined {
  const isMeant = (choice: string) =>
    operator === ':' ? fold(choice).includes(wanted) : fold(choice) === wanted;
  if (choices === undefined || wanted === '' || choices.some(isMeant)) return undefined;
  const meant = nearest(wanted, choices);
  return `${wanted} is not a value of ${name}: ${meant === undefined ? choices.join(', ') : `did you mean ${meant}?`}`;
}

/** Equality is as exact as the typed number: `ctx=81` matches what is shown as 81 %, `up=2h` all of the third hour. */
function compares(number: number, operator: Operator, { value, step }: Quantity, floors: boolean): boolean {
  switch (operator) {
    case '<':
      return number < value;
    case '<=':
      return number <= value;
    case '>':
      return number > value;
    case '>=':
      return number >= value;
    case ':':
    case '=':
    case '!=': {
      const low = floors ? value : value - step / 2;
      return (number >= low && number < low + step) === (operator !== '!=');
    }
    default:
      return operator satisfies never;
  }
}
