import type { Board } from '../domain/board/board.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { wrap } from '../text/wrap.ts';

/** What stands in the table where there are no rows: why, and what to do. */
export function emptyText(board: Board, ui: UiState, cells: number): DisplayText[] {
  return words(board, ui).flatMap((sentence) => wrap(sanitize(sentence), Math.max(1, cells)));
}

function words(board: Board, ui: UiState): string[] {
  if (board.atMs === 0) return ['', 'Looking for opencode …'];
  if (ui.filter && board.rows.length > 0) return ['', 'No session matches the filter.'];
  const database = board.troubles.find((trouble) => trouble.source === 'database');
  const waiting = 'Start `opencode` anywhere on this machine: its session appears here within a second.';
  if (database) return ['', database.text, waiting];
  return ['', 'No opencode is running.', waiting];
}
