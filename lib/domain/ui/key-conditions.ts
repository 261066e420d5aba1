import { sanitize } from '../../text/sanitize.ts';
import { isHeading } from '../board/sections.ts';
import { otherHosts, whereabouts } from '../process/whereabouts.ts';
import type { Condition, KeyInput } from './key-binding.ts';

/** True if a session or a heading is selected. */
export const withSelection: Condition = (ui) => ui.selectedKey !== undefined || 'no session is selected';
const rowlessReason = (ui: KeyInput): string =>
  isHeading(ui.selectedKey) ? 'the cursor is on a heading' : 'no session is selected';
/** True if the selected row has a session. */
export const withSession: Condition = (ui, board) =>
  board.rows.some((row) => row.key === ui.selectedKey && row.session !== undefined) ||
  'this row has no session';
/** True if otop can jump to the selected row's terminal. */
export const withTerminal: Condition = (ui, board) => {
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  if (!row) return rowlessReason(ui);
  if (board.demo) return 'a simulated session has no terminal';
  if (!otherHosts(board).has(row.host)) return true;
  const { command, text } = whereabouts(row);
  return command !== undefined || text;
};
/** The reason that disables every acting key with --read-only. */
export const readOnlyReason = sanitize('otop was started with --read-only');
/** True unless --read-only is set. */
export const mayAct: Condition = (ui) => !ui.readOnly || readOnlyReason;
/** True if the selected row has a process on this machine, and --read-only is not set. */
export const withOwnProcess: Condition = (ui, board) => {
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  if (!row) return rowlessReason(ui);
  if (ui.readOnly) return readOnlyReason;
  if (board.demo) return 'a simulated process cannot be ended';
  if (otherHosts(board).has(row.host)) return `this row belongs to the host ${row.host}`;
  return row.process !== undefined || 'no process runs this session';
};
/** True if a session needs the person or ended unread. */
export const anyRowWaits: Condition = (_ui, board) =>
  board.rows.some((row) => row.state.needsYou || row.state.unread) || 'nobody needs you';
/** True if a turn of the selected session can be ended: never in the simulated fleet, nor with --read-only. */
export const withTurn: Condition = (ui, board) => {
  if (ui.readOnly) return readOnlyReason;
  if (board.demo) return 'a simulated turn cannot be ended';
  return withSession(ui, board);
};
/** True if the table has the focus and no overlay covers it. */
export const inTable: Condition = (ui) =>
  (ui.focus === 'table' && !ui.overlay) || 'this key works only in the table: Esc goes back';

/** True if the cursor is on a host's heading. */
export const onHeading: Condition = (ui, board) => {
  if (board.hosts.length === 0) return 'only one host is shown';
  return isHeading(ui.selectedKey) || 'the cursor is not on the heading of a host';
};

/** True if the selected row can be folded: a host's heading, or a session with subagents in the tree. */
export const onFoldable: Condition = (ui, board) => {
  if (isHeading(ui.selectedKey)) return true;
  if (!ui.tree) return 'the tree is off: F5 shows it';
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  return row?.treePosition !== undefined || 'the session has no subagents';
};

/** True if a search is active and the table has the focus. */
export const searching: Condition = (ui, board) =>
  ui.search === undefined ? 'no search is active: F3 starts one' : inTable(ui, board);
