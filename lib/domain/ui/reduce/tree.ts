import { sanitize } from '../../../text/sanitize.ts';
import { screenBoard } from '../../board/tree.ts';
import type { UiState } from '../ui-state.ts';
import { rearrange, select } from './selection.ts';
import { type Moment, noticed, type Reducers, still } from './step.ts';

/** Subagents under their parents, folded or not. */
export const treeReducers: Reducers<'tree' | 'fold'> = {
  tree: (state, _action, moment) => still(toggleTree(state, moment)),
  fold: (state, { away }, moment) => still(fold(state, away, moment)),
};

function toggleTree(state: UiState, moment: Moment): UiState {
  const rootKey = selectedRoot(state, moment);
  const next = rearrange({ ...state, tree: !state.tree, folded: [] }, moment);
  const settled = rootKey === undefined || next.tree ? next : select(next, rootKey, moment.nowMs);
  const words = settled.tree ? 'subagents stand under their parents' : 'subagents are in their parents again';
  return noticed(settled, sanitize(words), moment.nowMs);
}

/** Folds the selected family, or unfolds it; the selection goes to its root, whose row stays. */
function fold(state: UiState, away: boolean, moment: Moment): UiState {
  const rootKey = selectedRoot(state, moment);
  if (rootKey === undefined) return state;
  const others = state.folded.filter((key) => key !== rootKey);
  const folded = rearrange({ ...state, folded: away ? [...others, rootKey] : others }, moment);
  return away ? select(folded, rootKey, moment.nowMs) : folded;
}

function selectedRoot(state: UiState, { board }: Moment): string | undefined {
  const row = screenBoard(board, state).rows.find(({ key }) => key === state.selectedKey);
  return row?.branch?.rootKey;
}
