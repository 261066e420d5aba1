import type { DisplayText } from '../../../text/sanitize.ts';
import type { Board, Row } from '../../board/board.ts';
import { matchesFilter } from '../../table/filter.ts';
import type { Action, Effect } from '../action.ts';
import type { UiState } from '../ui-state.ts';

/** The result of a reducer: the new state and the effects that the app has to run. */
export interface Step {
  readonly state: UiState;
  /** `screenBoard` of the new state, if the action changed what that depends on. */
  readonly shown?: Board;
  readonly effects: readonly Effect[];
  /** An action to reduce next, for example that of the chosen menu item. */
  readonly follow?: Action;
}

/** The input of a reducer besides state and action. */
export interface ReduceInput {
  readonly board: Board;
  /** `screenBoard` of the Board and the state. */
  readonly shown: Board;
  readonly nowMs: number;
}

type ActionOf<T extends Action['type']> = Extract<Action, { readonly type: T }>;

/** Reducers by the type of their action. `reduce.ts` joins the records of all concerns. */
export type Reducers<T extends Action['type']> = {
  readonly [K in T]: (state: UiState, action: ActionOf<K>, input: ReduceInput) => Step;
};

/** Returns a step without effects. `shown` is the new `screenBoard`, if it changed. */
export function noEffects(state: UiState, shown?: Board): Step {
  return { state, effects: [], ...(shown && { shown }) };
}

type OptionalField = {
  [K in keyof UiState]-?: Record<never, never> extends Pick<UiState, K> ? K : never;
}[keyof UiState];

/** Returns the state without an optional field, since `exactOptionalPropertyTypes` forbids setting it to undefined. */
export function without<K extends OptionalField>(state: UiState, field: K): UiState {
  const { [field]: _gone, ...rest } = state;
  return rest as UiState;
}

/** How long a notice stays on the screen. */
const noticeMs = 4000;

/** Returns the state with a notice that expires after `lastsMs`. */
export function noticed(state: UiState, text: DisplayText, nowMs: number, lastsMs = noticeMs): UiState {
  return { ...state, notice: { text, untilMs: nowMs + lastsMs, lastsMs } };
}

/** Returns the rows that match the filter, and the row of the open detail log even if it does not match. */
export function shownRows(state: UiState, { shown, nowMs }: ReduceInput): readonly Row[] {
  const { rows } = shown;
  const { filter } = state;
  if (!filter) return rows;
  const isOpen = ({ key }: Row) => state.focus === 'detail' && key === state.selectedKey;
  const found = rows.filter((row) => isOpen(row) || matchesFilter(filter, row, nowMs));
  // A matching subagent also shows its root, so that the tree stays complete.
  const roots = new Set(found.flatMap(({ treePosition }) => treePosition?.rootKey ?? []));
  return roots.size === 0 ? found : rows.filter((row) => roots.has(row.key) || found.includes(row));
}
