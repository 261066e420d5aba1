import type { DisplayText } from '../../../text/sanitize.ts';
import type { Board, Row } from '../../board/board.ts';
import { matchesFilter } from '../../table/filter.ts';
import type { Action, Effect } from '../action.ts';
import type { UiState } from '../ui-state.ts';

/** A state and what the app has to do for it. */
export interface Step {
  readonly state: UiState;
  /** `screenBoard` of the new state, if the action changed what that depends on. */
  readonly shown?: Board;
  readonly effects: readonly Effect[];
  /** What is done next, by its own reducer: what was chosen in a menu. */
  readonly follow?: Action;
}

/** What an action is applied to besides the state: the newest Board, what the screen shows of it, and the time. */
export interface ReduceInput {
  readonly board: Board;
  /** `screenBoard` of the Board and the state. */
  readonly shown: Board;
  readonly nowMs: number;
}

type ActionOf<T extends Action['type']> = Extract<Action, { readonly type: T }>;

/** The reducers of one concern, each under its action's name: `reduce.ts` puts the concerns together. */
export type Reducers<T extends Action['type']> = {
  readonly [K in T]: (state: UiState, action: ActionOf<K>, input: ReduceInput) => Step;
};

/** A step without effects; with what the screen shows from now on, if that is another Board. */
export function still(state: UiState, shown?: Board): Step {
  return { state, effects: [], ...(shown && { shown }) };
}

type OptionalField = {
  [K in keyof UiState]-?: Record<never, never> extends Pick<UiState, K> ? K : never;
}[keyof UiState];

/** Takes an optional field away: `exactOptionalPropertyTypes` tells "absent" from "undefined". */
export function without<K extends OptionalField>(state: UiState, field: K): UiState {
  const { [field]: _gone, ...rest } = state;
  return rest as UiState;
}

/** How long a word stands on the screen. */
export const noticeMs = 4000;

/** Puts a word on the screen, for a moment. */
export function noticed(state: UiState, text: DisplayText, nowMs: number): UiState {
  return { ...state, notice: { text, untilMs: nowMs + noticeMs } };
}

/** The rows that the filter lets through, and the one whose detail log is open; while otop is paused, of the frozen Board. */
export function shownRows(state: UiState, { shown, nowMs }: ReduceInput): readonly Row[] {
  const { rows } = shown;
  const { filter } = state;
  if (!filter) return rows;
  const isOpen = ({ key }: Row) => state.focus === 'detail' && key === state.selectedKey;
  const found = rows.filter((row) => isOpen(row) || matchesFilter(filter, row, nowMs));
  // In the tree a subagent that is found brings its root along.
  const roots = new Set(found.flatMap(({ branch }) => branch?.rootKey ?? []));
  return roots.size === 0 ? found : rows.filter((row) => roots.has(row.key) || found.includes(row));
}
