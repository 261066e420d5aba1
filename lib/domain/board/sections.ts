import type { DisplayText } from '../../text/sanitize.ts';
import { otherHosts } from '../process/whereabouts.ts';
import { attentionRank } from './attention.ts';
import type { Board, HostStatus, Row } from './board.ts';
import { arrange, type SortOrder } from './sort.ts';
import { isBranch } from './tree.ts';

/** The rows of one host, under a heading of their own; without a status it is this machine. */
export interface Section {
  /** The heading's, among those of the rows. */
  readonly key: string;
  /** As the rows name it; absent for a machine that has none. */
  readonly name?: DisplayText;
  readonly status?: HostStatus;
  readonly rows: readonly Row[];
}

const mark = 'host:';

/** True for the key of a section's heading. */
export function isHeading(key: string | undefined): boolean {
  return key?.startsWith(mark) === true;
}

/** The heading under which a row stands. */
export function headingOf(row: Row, board: Pick<Board, 'hosts'>): string {
  return mark + (otherHosts(board).has(row.host) ? row.host : '');
}

/** The rows by host: this machine's first, the others as the Board names them. None where there is but one host. */
export function sectionsOf(rows: readonly Row[], { hosts }: Pick<Board, 'hosts'>): readonly Section[] {
  if (hosts.length === 0) return [];
  const names = otherHosts({ hosts });
  const here = rows.filter(({ host }) => !names.has(host));
  const [first] = here;
  return [
    { key: mark, rows: here, ...(first && { name: first.host }) },
    ...hosts.map((status) => ({
      key: mark + status.name,
      name: status.name,
      status,
      rows: rows.filter(({ host }) => host === status.name),
    })),
  ];
}

/** How the rows are put in order. */
export interface Arrangement {
  readonly rows: readonly Row[];
  /** Keys as they are shown now. */
  readonly shown: readonly string[];
  readonly sort: SortOrder;
  /** Nothing that is on the screen moves. */
  readonly hold: boolean;
  readonly nowMs: number;
  /** Headings whose rows are folded away. */
  readonly folded: readonly string[];
  /** The heading of the one host that is shown. */
  readonly only?: string | undefined;
  /** A filter chose the rows: a host without any has no heading then. */
  readonly filtered: boolean;
}

/**
 * The keys of the rows in their order, each host's under its heading: this machine first, then whoever's sessions need
 * somebody most.
 */
export function arrangeSections(board: Pick<Board, 'hosts'>, arrangement: Arrangement): string[] {
  const { rows, shown, sort, hold, nowMs, folded, only, filtered } = arrangement;
  if (board.hosts.length === 0) return arrange(rows, shown, sort, hold, nowMs);
  const sections = sectionsOf(rows, board).filter(
    ({ key, rows: own }) => (only === undefined || key === only) && (own.length > 0 || !filtered),
  );
  return inOrder(sections, hold ? shown : []).flatMap((section) =>
    folded.includes(section.key)
      ? [section.key]
      : [section.key, ...arrange(section.rows, shown, sort, hold, nowMs)],
  );
}

function inOrder(sections: readonly Section[], held: readonly string[]): readonly Section[] {
  const place = ({ key }: Section) => (held.includes(key) ? held.indexOf(key) : held.length);
  return sections.toSorted(
    (one, other) =>
      Number(one.status !== undefined) - Number(other.status !== undefined) ||
      place(one) - place(other) ||
      needRank(one) - needRank(other),
  );
}

function needRank({ rows }: Section): number {
  return Math.min(100, ...rows.filter((row) => !isBranch(row)).map(attentionRank));
}
