import type { StateName } from '../session/state.ts';
import type { Row } from './board.ts';

/**
 * The working states share a rank, so that a session keeps its position when it switches between them. An idle session
 * that ended unread has its own rank, before the working ones.
 */
const ranks: Readonly<Record<StateName, number>> = {
  asking: 0,
  error: 1,
  truncated: 2,
  retrying: 4,
  'tool use': 5,
  generating: 5,
  thinking: 5,
  compacting: 5,
  queued: 5,
  idle: 6,
  new: 7,
  stale: 8,
};

const unreadRank = 3;

/** The row's rank in the order by attention; 0 comes first. */
export function attentionRank(row: Row): number {
  return row.state.unread && row.state.name === 'idle' ? unreadRank : ranks[row.state.name];
}

/**
 * The sort key within one rank, in milliseconds, ascending. Rows that need the user: the longest wait first. Working
 * rows: by start time, since their other times change constantly. All others: the latest activity first.
 */
export function attentionTime(row: Row): number {
  const rank = attentionRank(row);
  const since = row.state.sinceMs;
  if (rank < unreadRank) return since ?? Number.MAX_SAFE_INTEGER;
  if (rank === 4 || rank === 5) return row.process?.startedAtMs ?? row.session?.createdAtMs ?? 0;
  return -(row.session?.activeAtMs ?? since ?? row.process?.startedAtMs ?? 0);
}

/** The rows that need the user, the longest wait first; a row with an unknown beginning comes last. */
export function waitingRows(rows: readonly Row[]): Row[] {
  const began = ({ state }: Row) => state.sinceMs ?? Number.MAX_SAFE_INTEGER;
  return rows.filter(({ state }) => state.needsYou).sort((one, other) => began(one) - began(other));
}
