import type { DisplayText } from '../../text/sanitize.ts';
import { otherHosts } from '../process/whereabouts.ts';
import { attentionRank } from './attention.ts';
import type { Board, HostStatus, Row } from './board.ts';
import { arrange, type SortOrder } from './sort.ts';
import { isSubagentRow } from './tree.ts';

/** The rows of one host under their heading; without a status the host is this machine. */
export interface Section {
  /** The key of the heading, in the same list as the keys of the rows. */
  readonly key: string;
  /** The host's name in its rows; absent for this machine without rows. */
  readonly name?: DisplayText;
  readonly status?: HostStatus;
  readonly rows: readonly Row[];
}

const headingPrefix = 'host:';

/** True for the key of a section's heading. */
export function isHeading(key: string | undefined): boolean {
  return key?.startsWith(headingPrefix) === true;
}

/** The key of a row's heading. */
export function headingOf(row: Row, board: Pick<Board, 'hosts'>): string {
  return headingPrefix + (otherHosts(board).has(row.host) ? row.host : '');
}

/** The rows by host: this machine first, then the others in the Board's order. Empty without other hosts. */
export function sectionsOf(rows: readonly Row[], { hosts }: Pick<Board, 'hosts'>): readonly Section[] {
  if (hosts.length === 0) return [];
  const names = otherHosts({ hosts });
  const local = rows.filter(({ host }) => !names.has(host));
  const [first] = local;
  return [
    { key: headingPrefix, rows: local, ...(first && { name: first.host }) },
    ...hosts.map((status) => ({
      key: headingPrefix + status.name,
      name: status.name,
      status,
      rows: rows.filter(({ host }) => host === status.name),
    })),
  ];
}

/** The input for the order of the rows. */
export interface Arrangement {
  readonly rows: readonly Row[];
  /** The keys in their current order. */
  readonly shown: readonly string[];
  readonly sort: SortOrder;
  /** True if no visible row may move. */
  readonly hold: boolean;
  readonly nowMs: number;
  /** The headings with folded rows. */
  readonly folded: readonly string[];
  /** The heading of the only visible host. */
  readonly only?: string | undefined;
  /** True if a filter selected the rows: then a host without rows has no heading. */
  readonly filtered: boolean;
}

/**
 * The keys of the rows in order, those of each host under its heading: this machine first, then the hosts by their most
 * urgent session.
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
  const position = ({ key }: Section) => (held.includes(key) ? held.indexOf(key) : held.length);
  return sections.toSorted(
    (one, other) =>
      Number(one.status !== undefined) - Number(other.status !== undefined) ||
      position(one) - position(other) ||
      needRank(one) - needRank(other),
  );
}

function needRank({ rows }: Section): number {
  return Math.min(100, ...rows.filter((row) => !isSubagentRow(row)).map(attentionRank));
}
