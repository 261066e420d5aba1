import type { Row } from '../domain/board/board.ts';
import type { ColumnId } from '../domain/table/columns.ts';
import type { StyleName } from './theme.ts';

/** From here on the model's window is filling up; from the second on it is about to be compacted. */
const warmPercent = 70;
const hotPercent = 85;

/** The style of how full a window is. */
export function contextStyle(percent: number | undefined): StyleName {
  if (percent === undefined || percent < warmPercent) return 'calm';
  return percent < hotPercent ? 'warm' : 'hot';
}

/** The style of a cell in a row's first line. */
export function cellStyle(column: ColumnId, row: Row): StyleName {
  if (column === 'title') return row.state.unread || row.state.needsYou ? 'strong' : 'plain';
  if (column === 'context')
    return row.context.percent === undefined ? 'muted' : contextStyle(row.context.percent);
  if (column === 'match') return row.match?.confidence === 'guess' ? 'warm' : 'muted';
  if (column === 'tmux' && row.process?.orphan) return 'warm';
  return row.process ? 'plain' : 'muted';
}

/** The style of a cell in a row's second line: quiet, but for what someone has to read. */
export function secondLineStyle(column: ColumnId, row: Row): StyleName {
  if (column !== 'last' || row.state.detail === undefined) return 'muted';
  if (row.state.name === 'asking' || row.state.name === 'retrying') return 'asking';
  return row.state.name === 'error' || row.state.name === 'truncated' ? 'failed' : 'muted';
}
