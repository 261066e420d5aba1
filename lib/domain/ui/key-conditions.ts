import { sanitize } from '../../text/sanitize.ts';
import { isHeading } from '../board/sections.ts';
import { otherHosts, whereabouts } from '../process/whereabouts.ts';
import type { Condition, KeyInput } from './key-binding.ts';

/** A session or a heading is selected. */
export const withSelection: Condition = (ui) => ui.selectedKey !== undefined || 'no session is selected';
const rowlessReason = (ui: KeyInput): string =>
  isHeading(ui.selectedKey) ? 'the cursor is on a heading' : 'no session is selected';
/** The selected row has a session. */
export const withSession: Condition = (ui, board) =>
  board.rows.some((row) => row.key === ui.selectedKey && row.session !== undefined) ||
  'this row has no session';
/** The selected row has a terminal that can be jumped to from here. */
export const withTerminal: Condition = (ui, board) => {
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  if (!row) return rowlessReason(ui);
  if (board.demo) return 'a simulated session has no terminal';
  if (!otherHosts(board).has(row.host)) return true;
  const { command, text } = whereabouts(row);
  return command !== undefined || text;
};
/** Why nothing acts. */
export const readOnlyReason = sanitize('otop was started with --read-only');
/** Acting on sessions was not ruled out. */
export const mayAct: Condition = (ui) => !ui.readOnly || readOnlyReason;
/** The selected row has a process of this machine, and acting was not ruled out. */
export const withOwnProcess: Condition = (ui, board) => {
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  if (!row) return rowlessReason(ui);
  if (ui.readOnly) return readOnlyReason;
  if (board.demo) return 'a simulated process cannot be ended';
  if (otherHosts(board).has(row.host)) return `it runs on ${row.host}`;
  return row.process !== undefined || 'no process runs it';
};
/** Some session needs you, or ended unread. */
export const somebodyWaits: Condition = (_ui, board) =>
  board.rows.some((row) => row.state.needsYou || row.state.unread) || 'nobody needs you';
/** The table is in front. */
export const inTable: Condition = (ui) =>
  (ui.focus === 'table' && !ui.overlay) || 'the table is not in front: Esc goes back';

/** The cursor is on a host's heading. */
export const onHeading: Condition = (ui, board) => {
  if (board.hosts.length === 0) return 'only one host is shown';
  return isHeading(ui.selectedKey) || 'the cursor is on no heading of a host';
};

/** The selected row can be folded: a host's heading, or in the tree a session with subagents. */
export const withBranches: Condition = (ui, board) => {
  if (isHeading(ui.selectedKey)) return true;
  if (!ui.tree) return 'no tree is shown: F5 does';
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  return row?.branch !== undefined || 'it has no subagents';
};

/** Something is searched for, and the table is in front. */
export const searching: Condition = (ui, board) =>
  ui.search === undefined ? 'nothing is searched for: F3 does' : inTable(ui, board);
