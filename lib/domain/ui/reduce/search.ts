import { sanitize } from '../../../text/sanitize.ts';
import type { Row } from '../../board/board.ts';
import { titleHolds } from '../../table/search.ts';
import type { Prompt } from '../prompt.ts';
import type { UiState } from '../ui-state.ts';
import { select, selectedIndex } from './selection.ts';
import { noEffects, noticed, type ReduceInput, type Reducers, shownRows, without } from './step.ts';

/** Reducer that moves to the next or previous match of the search. */
export const searchReducers: Reducers<'search-step'> = {
  'search-step': (state, { step }, input) => noEffects(searchStep(state, step, input)),
};

/** Applies the search while it is typed: selects the first match at or after the row where the prompt was opened. */
export function searchFrom(state: UiState, prompt: Prompt, input: ReduceInput): UiState {
  const { text } = prompt.line;
  if (text.trim() === '') return without({ ...state, prompt }, 'search');
  const searching: UiState = { ...state, prompt, search: text };
  const start = Math.max(0, prompt.from === undefined ? 0 : state.order.indexOf(prompt.from));
  const key = nextMatch(searching, start - 1, 1, input);
  if (key !== undefined) return select(searching, key, input.nowMs);
  return {
    ...searching,
    prompt: { ...prompt, problem: { problem: sanitize('no title contains this'), at: 0 } },
  };
}

function searchStep(state: UiState, step: 1 | -1, input: ReduceInput): UiState {
  const key = nextMatch(state, selectedIndex(state), step, input);
  if (key !== undefined) return select(state, key, input.nowMs);
  return noticed(state, sanitize(`no title contains “${state.search ?? ''}”`), input.nowMs);
}

/** The key of the next row after `from` whose title matches, wrapping around. */
function nextMatch(state: UiState, from: number, step: 1 | -1, input: ReduceInput): string | undefined {
  const { order, search } = state;
  if (search === undefined) return undefined;
  const rows = new Map<string, Row>(shownRows(state, input).map((row) => [row.key, row]));
  for (let distance = 1; distance <= order.length; distance++) {
    const key = order.at((from + step * distance) % order.length);
    const row = key === undefined ? undefined : rows.get(key);
    if (row && titleHolds(row, search)) return key;
  }
  return undefined;
}
