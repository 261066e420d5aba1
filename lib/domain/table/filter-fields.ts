import type { Row } from '../board/board.ts';
import { processKinds } from '../process/process.ts';
import { columns } from './columns.ts';
import { type Measure, measures } from './measures.ts';

/** One thing that a filter can ask about a row: every column, and what has no column. */
export interface FilterField {
  /** As typed before the operator; the first is the one that help names. */
  readonly names: readonly string[];
  readonly help: string;
  /** A word without a field is looked for here. */
  readonly searched: boolean;
  /** Of a number; the field is a text where it is absent. */
  readonly measure?: Measure;
  /** Of a text: all that it can be, where that is known. */
  readonly choices?: readonly string[];
  /** The texts it is compared with, as they are; empty where nothing is known. */
  readonly texts: (row: Row, nowMs: number) => readonly string[];
  /** The number it is compared with; absent where unknown, and in every text field. */
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
  const { id, title, also = [], help, measure, choices, words, value, searched = false } = column;
  const names = new Set([id, ...also, ...(title.includes(' ') ? [] : [title.toLowerCase()])]);
  return {
    names: [...names],
    help,
    searched,
    ...(measure && { measure }),
    ...(choices && { choices }),
    texts: (row, nowMs) => {
      const texts = words ? words(row) : [value(row, nowMs)?.toString()];
      return texts.filter((text) => text !== undefined);
    },
    number: (row, nowMs) => {
      const number = measure && value(row, nowMs);
      return typeof number === 'number' ? number : undefined;
    },
  };
});

/** Every field; where two have the same name (the column WINDOW and the id `window`), an id wins over a title. */
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
    help: 'whose model it is',
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
    help: 'yes where it ended and you have not looked since',
    choices: ['yes', 'no'],
    texts: ({ state }) => yesNo(state.unread),
  }),
  textField('orphan', {
    help: 'yes where the process outlived its terminal',
    choices: ['yes', 'no'],
    texts: ({ process }) => yesNo(process?.orphan),
  }),
];

const byName: ReadonlyMap<string, FilterField> = new Map([
  ...filterFields.flatMap((field) => field.names.map((name) => [name, field] as const)),
  ...filterFields.map((field) => [field.names[0] ?? '', field] as const),
]);

/** The field of a name, in any case; nothing where there is none. */
export function findFilterField(name: string): FilterField | undefined {
  return byName.get(name.toLowerCase());
}

/** Every name there is, for suggestions. */
export function filterNames(): readonly string[] {
  return [...byName.keys()];
}

/** How a field's value may be written, for help and messages. */
export function filterExamples({ measure }: FilterField): string {
  return measure === undefined ? 'text' : measures[measure].examples;
}

/** What a filter may hold, by example, for help and README. */
export const filterSyntax: readonly (readonly [example: string, help: string])[] = [
  ['api', 'has it in a field marked * below; capitals and accents do not matter'],
  ['"two words"', 'has exactly this text; \\" is a quote in it'],
  ['dir:api', 'has it in this field'],
  ['model=gpt-5.2', 'has exactly this in the field; != has something else'],
  ['cost>1 idle<10m', 'by comparison: < <= > >=; what is unknown never matches'],
  ['ctx=81 up=2h', 'equals, as exactly as it is written: up=2h is anything from 2h to 3h'],
  ['-model:haiku !api', 'does not match this; the unknown stays'],
  ['status:asking|error', 'matches one of these; also api|web'],
  ['cost:""', 'has no known cost'],
  ['api cost>1', 'matches all of it'],
];
