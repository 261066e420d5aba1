import { sanitize } from '../../../text/sanitize.ts';
import { parseFilter } from '../../table/filter.ts';
import { type EditedLine, editLine, insertText, lineOf } from '../line-edit.ts';
import type { Prompt } from '../prompt.ts';
import type { UiState } from '../ui-state.ts';
import { searchFrom } from './search.ts';
import { rearrange, select } from './selection.ts';
import { type Moment, noticed, type Reducers, type Step, still, without } from './step.ts';

/** The line that is typed for a filter or a search; both are in force while they are typed. */
export const promptReducers: Reducers<
  | 'prompt'
  | 'prompt-key'
  | 'prompt-earlier'
  | 'prompt-keep'
  | 'prompt-cancel'
  | 'paste'
  | 'filter-clear'
  | 'filter-toggle'
> = {
  prompt: (state, { purpose }) => {
    const text = purpose === 'filter' ? sanitize(state.filter?.text ?? '') : '';
    const from = state.selectedKey === undefined ? {} : { from: state.selectedKey };
    return still({ ...state, prompt: { purpose, line: lineOf(text), back: 0, draft: text, ...from } });
  },
  'prompt-key': (state, { key }, moment) => {
    const line = state.prompt && editLine(state.prompt.line, key);
    return still(line ? withLine(state, line, moment) : state);
  },
  'prompt-earlier': (state, { by }, moment) => still(earlier(state, by, moment)),
  'prompt-keep': (state) => keep(state),
  'prompt-cancel': (state, _action, moment) => still(cancel(state, moment)),
  paste: (state, { text }, moment) => still(paste(state, text, moment)),
  'filter-clear': (state, _action, moment) => still(rearrange(without(state, 'filter'), moment)),
  'filter-toggle': (state, { text }, moment) => still(toggleFilter(state, text, moment)),
};

/** Brings the table to the front, which is what a filter is for. */
function toggleFilter(state: UiState, text: string, moment: Moment): UiState {
  const table: UiState = {
    ...without(without(without(state, 'prompt'), 'filter'), 'detailTop'),
    focus: 'table',
  };
  const read = parseFilter(text);
  const isInForce = state.filter?.text === text;
  return rearrange(isInForce || 'problem' in read ? table : { ...table, filter: read.filter }, moment);
}

function paste(state: UiState, text: string, moment: Moment): UiState {
  const { prompt } = state;
  if (prompt?.reply?.reply === 'always')
    return noticed(state, sanitize('what lasts is typed, not pasted'), moment.nowMs);
  if (prompt) return withLine(state, insertText(prompt.line, text), moment);
  return noticed(state, sanitize('a paste was ignored; press / first to filter by it'), moment.nowMs);
}

/** The prompt with another line, and what that line says in force; what is wrong changes only the prompt. */
function withLine(state: UiState, line: EditedLine, moment: Moment, place: Partial<Prompt> = {}): UiState {
  if (!state.prompt) return state;
  const { problem: _before, ...prompt } = { ...state.prompt, back: 0, draft: line.text, line, ...place };
  if (prompt.purpose === 'search') return searchFrom({ ...state, prompt }, prompt, moment);
  if (prompt.purpose === 'answer') return { ...state, prompt };
  const read = parseFilter(line.text);
  if ('problem' in read) return { ...state, prompt: { ...prompt, problem: read } };
  const next: UiState = { ...without(state, 'filter'), prompt };
  return rearrange(read.filter.terms.length > 0 ? { ...next, filter: read.filter } : next, moment);
}

function earlier(state: UiState, by: number, moment: Moment): UiState {
  if (!state.prompt) return state;
  const { purpose, back, draft } = state.prompt;
  const lines = state.typed[purpose];
  const place = Math.max(0, Math.min(back + by, lines.length));
  const text = place === 0 ? draft : (lines.at(-place) ?? '');
  return withLine(state, lineOf(text), moment, { back: place, draft });
}

/** A line that is wrong stays until it is right, or given up. */
function keep(state: UiState): Step {
  if (!state.prompt || state.prompt.problem) return still(state);
  const { purpose, line, reply } = state.prompt;
  const text = line.text.trim();
  if (text === '') return still(without(state, 'prompt'));
  // Not kept: what lasts has to be typed each time.
  if (reply) return { ...still(without(state, 'prompt')), follow: { type: 'ask-typed', text, to: reply } };
  const lines = [...state.typed[purpose].filter((each) => each !== text), text].slice(-50);
  return still({ ...without(state, 'prompt'), typed: { ...state.typed, [purpose]: lines } });
}

function cancel(state: UiState, moment: Moment): UiState {
  const { prompt } = state;
  if (!prompt) return state;
  if (prompt.purpose === 'answer') return without(state, 'prompt');
  const closed = without(without(state, 'prompt'), prompt.purpose);
  const all = prompt.purpose === 'filter' ? rearrange(closed, moment) : closed;
  return prompt.from !== undefined && all.order.includes(prompt.from)
    ? select(all, prompt.from, moment.nowMs)
    : all;
}
