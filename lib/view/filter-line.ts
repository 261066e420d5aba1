import type { Board } from '../domain/board/board.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { sanitize } from '../text/sanitize.ts';
import { type Line, type Span, span } from './line.ts';

/** How many rows the filter lets through and hides, and how many of the hidden ones need you. */
interface Tally {
  readonly shown: number;
  readonly all: number;
  readonly hiddenNeedYou: number;
}

/** Counts what is shown and hidden. */
export function tallyOf(board: Board, ui: UiState): Tally {
  const shown = new Set(ui.order);
  const hidden = board.rows.filter(({ key }) => !shown.has(key));
  return {
    shown: board.rows.length - hidden.length,
    all: board.rows.length,
    hiddenNeedYou: hidden.filter(({ state }) => state.needsYou).length,
  };
}

/** Above the table while a filter is in force: nobody should wonder where a session went, least one that waits. */
export function filterLine(filterText: string, tally: Tally): Line {
  const { shown, all, hiddenNeedYou } = tally;
  const spans: Span[] = [span(' filter ', 'badge'), span(` ${shown} of ${all} shown`, 'strong')];
  if (hiddenNeedYou > 0)
    spans.push(span(`  ${hiddenNeedYou} hidden need${hiddenNeedYou === 1 ? 's' : ''} you`, 'failed'));
  spans.push(span(`  ${sanitize(filterText)}`, 'key'), span('  Esc clears', 'muted'));
  return { spans };
}
