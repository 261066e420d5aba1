import type { Board } from '../board/board.ts';
import { readOnlyReason } from './key-conditions.ts';
import { effectReducers } from './reduce/effects.ts';
import { hostReducers } from './reduce/hosts.ts';
import { inboxReducers } from './reduce/inbox.ts';
import { menuReducers } from './reduce/menu.ts';
import { openingReducers } from './reduce/opening.ts';
import { promptReducers } from './reduce/prompt.ts';
import { questionReducers } from './reduce/questions.ts';
import { scrollingReducers } from './reduce/scrolling.ts';
import { searchReducers } from './reduce/search.ts';
import { selectionReducers } from './reduce/selection.ts';
import { setupReducers } from './reduce/setup.ts';
import { sortingReducers } from './reduce/sorting.ts';
import { type Moment, noticed, type Reducers, type Step } from './reduce/step.ts';
import { treeReducers } from './reduce/tree.ts';
import type { Action, Effect, UiState } from './ui-state.ts';

/** Every action, by concern: an action without a reducer does not compile. */
const reducers: Reducers<Action['type']> = {
  ...selectionReducers,
  ...scrollingReducers,
  ...sortingReducers,
  ...openingReducers,
  ...menuReducers,
  ...promptReducers,
  ...searchReducers,
  ...setupReducers,
  ...effectReducers,
  ...questionReducers,
  ...treeReducers,
  ...hostReducers,
  ...inboxReducers,
};

/** What changes a session or ends a process. */
const acts: ReadonlySet<Effect['type']> = new Set(['answer', 'abort', 'end-process']);

/**
 * With --read-only nothing acts, whichever way the wish came: a key, a menu, a click, a question that stood before it was
 * switched on.
 */
function withoutActs({ state, effects }: Step, nowMs: number): Step {
  const harmless = effects.filter(({ type }) => !acts.has(type));
  if (!state.readOnly || harmless.length === effects.length) return { state, effects };
  return { state: noticed(state, readOnlyReason, nowMs), effects: harmless };
}

/** The state after an action. Pure: time comes in, and whatever touches the world comes out as an effect. */
export function reduce(state: UiState, action: Action, board: Board, nowMs: number): Step {
  // The record pairs each action with its reducer, which TypeScript cannot follow through a union.
  const reducer = reducers[action.type] as (state: UiState, action: Action, moment: Moment) => Step;
  const step = reducer(state, action, { board, nowMs });
  if (!step.follow) return withoutActs(step, nowMs);
  const next = reduce(step.state, step.follow, board, nowMs);
  return withoutActs({ state: next.state, effects: [...step.effects, ...next.effects] }, nowMs);
}
