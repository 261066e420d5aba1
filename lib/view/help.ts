import type { StateName } from '../domain/session/state.ts';
import { stateNames } from '../domain/session/state.ts';
import { columns } from '../domain/table/columns.ts';
import { filterFields, filterSyntax } from '../domain/table/filter-fields.ts';
import { shownKeys } from '../domain/ui/key-action.ts';
import type { KeyBinding } from '../domain/ui/key-binding.ts';
import { wrap } from '../text/wrap.ts';
import type { FrameInput } from './frame-input.ts';
import { type Line, span } from './line.ts';
import { stateStyle } from './state-style.ts';

/** What each state means. */
export const stateHelp: Readonly<Record<StateName, string>> = {
  asking: 'waits for your answer: a permission or a question',
  error: 'the turn failed',
  truncated: 'the answer was cut off at its token limit',
  retrying: 'the provider refused, and opencode tries again',
  'tool use': 'a tool is running',
  generating: 'the model is writing',
  thinking: 'the model is reasoning, or has not begun',
  compacting: 'the conversation is being summarised',
  queued: 'a prompt waits for the running step',
  stale: 'the turn did not finish, and its process is gone',
  idle: 'waits for your next prompt; shown as `done` until you have viewed it',
  new: 'a process without a session yet',
};

const nameCells = 15;
const exampleCells = 20;

/** Returns the help, generated from the records of keys, filter fields, states and columns, wrapped to `cells`. */
export function helpLines(keymap: readonly KeyBinding[], cells: number, input: FrameInput): Line[] {
  return [
    heading('Keys'),
    ...keymap
      .filter(({ keys }) => keys.length > 0)
      .flatMap((binding) => entry(shownKeys(binding), binding.help, cells)),
    heading('Filter'),
    ...filterSyntax.flatMap(([example, help]) => entry(example, help, cells, exampleCells)),
    ...entry(
      'fields',
      filterFields.map(({ names, searched }) => `${names.join('/')}${searched ? '*' : ''}`).join('  '),
      cells,
      exampleCells,
    ),
    heading('Mouse'),
    ...entry(
      'click',
      'select a row; again: open it. A header sorts, again flips; a count at the top filters by it, again clears. ' +
        'Tabs and the key bar work, too',
      cells,
    ),
    ...entry('Shift', 'hold it to select text while otop uses the mouse', cells),
    heading('States'),
    ...stateNames.flatMap((name) => {
      const { glyph } = stateStyle({ name, needsYou: false, unread: false, rule: '' }, input.glyphs);
      return entry(`${glyph} ${name}`, stateHelp[name], cells);
    }),
    heading('Columns'),
    ...columns.flatMap((column) => entry(column.title, column.help, cells)),
  ];
}

function heading(text: string): Line {
  return { spans: [span(text, 'label')] };
}

function entry(name: string, help: string, cells: number, width = nameCells): Line[] {
  const lead = ` ${name}`.padEnd(width);
  return wrap(help, Math.max(8, cells - lead.length)).map((text, index) => ({
    spans: [span(index === 0 ? lead : ' '.repeat(lead.length), 'key'), span(text)],
  }));
}
