import { sanitize } from '../../text/sanitize.ts';
import type { Board } from '../board/board.ts';
import type { Action, Effect } from './action.ts';
import { readOnlyReason } from './key-conditions.ts';
import { sortingReducers, treeReducers } from './reduce/arranging.ts';
import { menuReducers, questionReducers } from './reduce/dialogs.ts';
import { hostReducers } from './reduce/hosts.ts';
import { inboxReducers } from './reduce/inbox.ts';
import { openingReducers } from './reduce/opening.ts';
import { promptReducers } from './reduce/prompt.ts';
import { scrollingReducers } from './reduce/scrolling.ts';
import { searchReducers } from './reduce/search.ts';
import { selectionReducers } from './reduce/selection.ts';
import { setupReducers } from './reduce/setup.ts';
import { type Moment, noticed, type Reducers, type Step } from './reduce/step.ts';
import type { UiState } from './ui-state.ts';

/** What only the app can do: the screen stays as it is, and an effect says what is wanted. */
const effectReducers: Reducers<'quit' | 'refresh' | 'redraw' | 'suspend' | 'copy' | 'jump' | 'toggle'> = {
  quit: (state) => ({ state, effects: [{ type: 'quit' }] }),
  refresh: (state) => ({ state, effects: [{ type: 'refresh' }] }),
  redraw: (state) => ({ state, effects: [{ type: 'redraw' }, { type: 'refresh' }] }),
  suspend: (state) => ({ state, effects: [{ type: 'suspend' }] }),
  copy: (state, { what }) => copy(state, what),
  jump: (state) => jump(state),
  toggle: (state, { what }, { nowMs }) => toggle(state, what, nowMs),
};

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

function copy(state: UiState, what: 'id' | 'resume command'): Step {
  return {
    state,
    effects: state.selectedKey === undefined ? [] : [{ type: 'copy', key: state.selectedKey, what }],
  };
}

function jump(state: UiState): Step {
  const { selectedKey } = state;
  return { state, effects: selectedKey === undefined ? [] : [{ type: 'jump', key: selectedKey }] };
}

const toggled = {
  all: { on: 'sessions that no process runs are shown, too', off: 'only what a process runs is shown' },
  mouse: { on: "the mouse is otop's", off: "the mouse is the terminal's: select text; M takes it back" },
} as const;

function toggle(state: UiState, what: 'all' | 'mouse', nowMs: number): Step {
  const on = !state[what];
  const words = sanitize(toggled[what][on ? 'on' : 'off']);
  return { state: noticed({ ...state, [what]: on }, words, nowMs), effects: [{ type: what, on }] };
}
