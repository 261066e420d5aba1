import type { DisplayText } from '../../../text/sanitize.ts';
import type { Board, Row } from '../../board/board.ts';
import { screenBoard } from '../../board/tree.ts';
import { matchesFilter } from '../../table/filter.ts';
import type { Action, Effect } from '../action.ts';
import type { UiState } from '../ui-state.ts';

/** A state and what the app has to do for it. */
export interface Step {
  readonly state: UiState;
  readonly effects: readonly Effect[];
  /** What is done next, by its own reducer: what was chosen in a menu. */
  readonly follow?: Action;
}

/** What an action meets: the newest Board, and the time. */
export interface Moment {
  readonly board: Board;
  readonly nowMs: number;
}

type ActionOf<T extends Action['type']> = Extract<Action, { readonly type: T }>;

/** The reducers of one concern, each under its action's name: `reduce.ts` puts the concerns together. */
export type Reducers<T extends Action['type']> = {
  readonly [K in T]: (state: UiState, action: ActionOf<K>, moment: Moment) => Step;
};

/** A step that changes nothing but the screen. */
export function still(state: UiState): Step {
  return { state, effects: [] };
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
export function shownRows(state: UiState, { board, nowMs }: Moment): readonly Row[] {
  const { rows } = screenBoard(board, state);
  const { filter } = state;
  if (!filter) return rows;
  const isOpen = ({ key }: Row) => state.focus === 'detail' && key === state.selectedKey;
  const found = rows.filter((row) => isOpen(row) || matchesFilter(filter, row, nowMs));
  // In the tree a subagent that is found brings its root along.
  const roots = new Set(found.flatMap(({ branch }) => branch?.rootKey ?? []));
  return roots.size === 0 ? found : rows.filter((row) => roots.has(row.key) || found.includes(row));
}
