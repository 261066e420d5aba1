import { sanitize } from '../../../text/sanitize.ts';
import { parseFilter } from '../../table/filter.ts';
import { type EditedLine, editLine, insertText, lineOf } from '../line-edit.ts';
import type { Prompt } from '../prompt.ts';
import type { UiState } from '../ui-state.ts';
import { searchFrom } from './search.ts';
import { rearrange, select } from './selection.ts';
import { noEffects, noticed, type ReduceInput, type Reducers, type Step, without } from './step.ts';

/** Reducers of the prompt. A filter and a search already apply while they are typed. */
export const promptReducers: Reducers<
  | 'prompt'
  | 'prompt-key'
  | 'prompt-earlier'
  | 'prompt-submit'
  | 'prompt-cancel'
  | 'paste'
  | 'filter-clear'
  | 'filter-toggle'
> = {
  prompt: (state, { purpose }) => {
    const text = purpose === 'filter' ? sanitize(state.filter?.text ?? '') : '';
    const from = state.selectedKey === undefined ? {} : { from: state.selectedKey };
    return noEffects({ ...state, prompt: { purpose, line: lineOf(text), back: 0, draft: text, ...from } });
  },
  'prompt-key': (state, { key }, input) => {
    const line = state.prompt && editLine(state.prompt.line, key);
    return noEffects(line ? withLine(state, line, input) : state);
  },
  'prompt-earlier': (state, { by }, input) => noEffects(earlier(state, by, input)),
  'prompt-submit': (state) => submit(state),
  'prompt-cancel': (state, _action, input) => noEffects(cancel(state, input)),
  paste: (state, { text }, input) => noEffects(paste(state, text, input)),
  'filter-clear': (state, _action, input) => noEffects(rearrange(without(state, 'filter'), input)),
  'filter-toggle': (state, { text }, input) => noEffects(toggleFilter(state, text, input)),
};

/** Sets or clears the filter. Closes the detail log, so that the filtered table is visible. */
function toggleFilter(state: UiState, text: string, input: ReduceInput): UiState {
  const table: UiState = {
    ...without(without(without(state, 'prompt'), 'filter'), 'detailTop'),
    focus: 'table',
  };
  const read = parseFilter(text);
  const isInForce = state.filter?.text === text;
  return rearrange(isInForce || 'problem' in read ? table : { ...table, filter: read.filter }, input);
}

function paste(state: UiState, text: string, input: ReduceInput): UiState {
  const { prompt } = state;
  if (prompt?.reply?.reply === 'always')
    return noticed(state, sanitize('a paste was ignored: the word must be typed'), input.nowMs);
  if (prompt) return withLine(state, insertText(prompt.line, text), input);
  return noticed(state, sanitize('a paste was ignored; press / first to filter by it'), input.nowMs);
}

/** Puts a line into the prompt and applies it. A filter with a mistake changes only the prompt. */
function withLine(
  state: UiState,
  line: EditedLine,
  input: ReduceInput,
  position: Partial<Prompt> = {},
): UiState {
  if (!state.prompt) return state;
  const { problem: _before, ...prompt } = { ...state.prompt, back: 0, draft: line.text, line, ...position };
  if (prompt.purpose === 'search') return searchFrom({ ...state, prompt }, prompt, input);
  if (prompt.purpose === 'answer') return { ...state, prompt };
  const read = parseFilter(line.text);
  if ('problem' in read) return { ...state, prompt: { ...prompt, problem: read } };
  const next: UiState = { ...without(state, 'filter'), prompt };
  return rearrange(read.filter.terms.length > 0 ? { ...next, filter: read.filter } : next, input);
}

function earlier(state: UiState, by: number, input: ReduceInput): UiState {
  if (!state.prompt) return state;
  const { purpose, back, draft } = state.prompt;
  const lines = state.typed[purpose];
  const position = Math.max(0, Math.min(back + by, lines.length));
  const text = position === 0 ? draft : (lines.at(-position) ?? '');
  return withLine(state, lineOf(text), input, { back: position, draft });
}

/** Closes the prompt and adds its line to the history. The prompt stays open while its line has a problem. */
function submit(state: UiState): Step {
  if (!state.prompt || state.prompt.problem) return noEffects(state);
  const { purpose, line, reply } = state.prompt;
  const text = line.text.trim();
  if (text === '') return noEffects(without(state, 'prompt'));
  // Not added to the history: the word for a permanent permission has to be typed each time.
  if (reply)
    return { ...noEffects(without(state, 'prompt')), follow: { type: 'ask-typed', text, to: reply } };
  const lines = [...state.typed[purpose].filter((each) => each !== text), text].slice(-50);
  return noEffects({ ...without(state, 'prompt'), typed: { ...state.typed, [purpose]: lines } });
}

function cancel(state: UiState, input: ReduceInput): UiState {
  const { prompt } = state;
  if (!prompt) return state;
  if (prompt.purpose === 'answer') return without(state, 'prompt');
  const closed = without(without(state, 'prompt'), prompt.purpose);
  const all = prompt.purpose === 'filter' ? rearrange(closed, input) : closed;
  return prompt.from !== undefined && all.order.includes(prompt.from)
    ? select(all, prompt.from, input.nowMs)
    : all;
}
