import type { StateName } from '../session/state.ts';
import type { Row } from './board.ts';

/**
 * States that are equally urgent share a rank: a session that goes from thinking to a tool and back keeps its place.
 * `idle` is split: one that ended unread comes before those at work.
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

/** How early a row stands when those that need you come first; 0 is first. */
export function attentionRank(row: Row): number {
  return row.state.unread && row.state.name === 'idle' ? unreadRank : ranks[row.state.name];
}

/**
 * The order within one rank. Who waits longest comes first; among the others what happened last, except for those
 * at work, whose times change all the time: they keep the order in which they were started.
 */
export function attentionTime(row: Row): number {
  const rank = attentionRank(row);
  const since = row.state.sinceMs;
  if (rank < unreadRank) return since ?? Number.MAX_SAFE_INTEGER;
  if (rank === 4 || rank === 5) return row.process?.startedAtMs ?? row.session?.createdAtMs ?? 0;
  return -(row.session?.activeAtMs ?? since ?? row.process?.startedAtMs ?? 0);
}

/** The rows that need you, who waits longest first; one whose beginning is not known comes last. */
export function waitingRows(rows: readonly Row[]): Row[] {
  const began = ({ state }: Row) => state.sinceMs ?? Number.MAX_SAFE_INTEGER;
  return rows.filter(({ state }) => state.needsYou).sort((one, other) => began(one) - began(other));
}
