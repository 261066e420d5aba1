import type { Row } from '../board/board.ts';
import { processKinds } from '../process/process.ts';
import { columns } from './columns.ts';
import { type Measure, measures } from './measures.ts';

/** A field that a filter can compare. Every column is one; some fields have no column. */
export interface FilterField {
  /** The names typed before the operator. The help shows the first one. */
  readonly names: readonly string[];
  readonly help: string;
  /** A filter word without a field is searched in this field. */
  readonly searched: boolean;
  /** The unit of a number field; undefined for a text field. */
  readonly measure?: Measure;
  /** Every text that is possible, if the set is closed. */
  readonly choices?: readonly string[];
  /** The unfolded texts to compare; empty if nothing is known. */
  readonly texts: (row: Row, nowMs: number) => readonly string[];
  /** The number to compare; undefined if it is unknown, and in every text field. */
  readonly number: (row: Row, nowMs: number) => number | undefined;
}

interface TextSpec {
  readonly help: string;
  readonly choices?: readonly string[];
  readonly texts: (row: Row) => readonly (string | undefined)[];
}

function textField(name: string, { help, choices, texts }: TextSpec): FilterField {
  return {
    names: [name],
    help,
    searched: false,
    ...(choices && { choices }),
    texts: (row) => texts(row).filter((text) => text !== undefined),
    number: () => undefined,
  };
}

const yesNo = (value: boolean | undefined): readonly (string | undefined)[] => [
  value === undefined ? undefined : value ? 'yes' : 'no',
];

const columnFields: readonly FilterField[] = columns.map((column) => {
  const { id, title, aliases = [], help, measure, choices, filterTexts, value, searched = false } = column;
  const names = new Set([id, ...aliases, ...(title.includes(' ') ? [] : [title.toLowerCase()])]);
  return {
    names: [...names],
    help,
    searched,
    ...(measure && { measure }),
    ...(choices && { choices }),
    texts: (row, nowMs) => {
      const texts = filterTexts ? filterTexts(row) : [value(row, nowMs)?.toString()];
      return texts.filter((text) => text !== undefined);
    },
    number: (row, nowMs) => {
      const number = measure && value(row, nowMs);
      return typeof number === 'number' ? number : undefined;
    },
  };
});

/** Every field. If two share a name (the title WINDOW and the id `window`), the id wins. */
export const filterFields: readonly FilterField[] = [
  ...columnFields,
  {
    names: ['idle'],
    help: 'time since its last sign of life in the database',
    searched: false,
    measure: 'duration',
    texts: () => [],
    number: ({ session }, nowMs) =>
      session?.activeAtMs === undefined ? undefined : Math.max(0, nowMs - session.activeAtMs),
  },
  textField('tool', {
    help: 'the tool that runs or waits for permission',
    texts: ({ state }) => [state.tool],
  }),
  textField('prompt', {
    help: 'your last prompt',
    texts: ({ session }) => [session?.lastPrompt?.text],
  }),
  textField('provider', {
    help: 'the provider of its model',
    texts: ({ session }) => [session?.model?.providerId],
  }),
  textField('subagent', {
    help: 'titles, agents and ids of its subagents',
    texts: ({ children }) => children.flatMap(({ session }) => [session.title, session.agent, session.id]),
  }),
  textField('kind', {
    help: 'of the process: tui, run, serve, web, acp or attach',
    choices: processKinds,
    texts: ({ process }) => [process?.kind],
  }),
  textField('unread', {
    help: 'yes if its turn ended and you have not viewed it since',
    choices: ['yes', 'no'],
    texts: ({ state }) => yesNo(state.unread),
  }),
  textField('orphan', {
    help: 'yes if the process outlived its terminal',
    choices: ['yes', 'no'],
    texts: ({ process }) => yesNo(process?.orphan),
  }),
];

const byName: ReadonlyMap<string, FilterField> = new Map([
  ...filterFields.flatMap((field) => field.names.map((name) => [name, field] as const)),
  ...filterFields.map((field) => [field.names[0] ?? '', field] as const),
]);

/** Returns the field with this name, ignoring case, or undefined if there is none. */
export function findFilterField(name: string): FilterField | undefined {
  return byName.get(name.toLowerCase());
}

/** Returns every field name, for suggestions. */
export function filterNames(): readonly string[] {
  return [...byName.keys()];
}

/** Returns examples of a field's value, for help and messages. */
export function filterExamples({ measure }: FilterField): string {
  return measure === undefined ? 'text' : measures[measure].examples;
}

/** Examples of the filter's syntax, for help and reference. */
export const filterSyntax: readonly (readonly [example: string, help: string])[] = [
  ['api', 'has it in a field marked * below; capitals and accents do not matter'],
  ['"two words"', 'has exactly this text; \\" is a quote in it'],
  ['dir:api', 'has it in this field'],
  ['model=gpt-5.2', 'has exactly this in the field; != has something else'],
  ['cost>1 idle<10m', 'by comparison: < <= > >=; an unknown value never matches'],
  ['ctx=81 up=2h', 'is equal to the written precision: up=2h is anything from 2h to 3h'],
  ['-model:haiku !api', 'does not match this; an unknown value stays'],
  ['status:asking|error', 'matches one of these; also api|web'],
  ['cost:""', 'has no known cost'],
  ['api cost>1', 'matches all of it'],
];
