import type { Row } from '../domain/board/board.ts';
import type { ColumnId } from '../domain/table/columns.ts';
import type { StyleName } from './theme.ts';

/** Warns while the model's window fills up; above the second limit a compaction is near. */
const warmPercent = 70;
const hotPercent = 85;

/** Returns the style for how full the model's window is. */
export function contextStyle(percent: number | undefined): StyleName {
  if (percent === undefined || percent < warmPercent) return 'calm';
  return percent < hotPercent ? 'warm' : 'hot';
}

/** Returns the style of a cell on a row's first line. */
export function cellStyle(column: ColumnId, row: Row): StyleName {
  if (column === 'title') return row.state.unread || row.state.needsYou ? 'strong' : 'plain';
  if (column === 'context')
    return row.context.percent === undefined ? 'muted' : contextStyle(row.context.percent);
  if (column === 'match') return row.match?.confidence === 'guess' ? 'warm' : 'muted';
  if (column === 'tmux' && row.process?.orphan) return 'warm';
  return row.process ? 'plain' : 'muted';
}

/** Returns the style of a cell on a row's second line: muted, unless it holds the detail of an ask or a failure. */
export function secondLineStyle(column: ColumnId, row: Row): StyleName {
  if (column !== 'last' || row.state.detail === undefined) return 'muted';
  if (row.state.name === 'asking' || row.state.name === 'retrying') return 'asking';
  return row.state.name === 'error' || row.state.name === 'truncated' ? 'failed' : 'muted';
}
