import type { Board } from './board.ts';
import { menuAction } from './menu.ts';
import { promptAction } from './prompt.ts';
import { isHeading } from './sections.ts';
import type { Action, UiState } from './ui-state.ts';
import { whereabouts } from './whereabouts.ts';

/**
 * One key, or several that mean the same. The key bar, the help screen and the README are made from these records,
 * and only what really works stands here.
 */
export interface KeyBinding {
  /** As `widgets/keys.ts` names them: `j`, `G`, `C-l`, `F1`, `Enter`, `PgUp`. */
  readonly keys: readonly string[];
  /** How help and README write the keys, where the names would be long. */
  readonly shown?: string;
  /** A word or two, for the key bar. */
  readonly label: string;
  /** A sentence, for help and README. */
  readonly help: string;
  /** Its place in the key bar, 1 first and dropped last; absent where it is not shown there. */
  readonly bar?: number;
  readonly action: (key: string, ui: UiState) => Action;
  /** True, or the reason why not, in words. */
  readonly enabled?: (ui: UiState, board: Board) => true | string;
}

const always = (action: Action) => () => action;

const withSelection = (ui: UiState): true | string =>
  ui.selectedKey !== undefined || 'no session is selected';
const rowlessReason = (ui: UiState): string =>
  isHeading(ui.selectedKey) ? 'the cursor is on a heading' : 'no session is selected';
const withSession = (ui: UiState, board: Board): true | string =>
  board.rows.some((row) => row.key === ui.selectedKey && row.session !== undefined) ||
  'this row has no session';
const withTerminal = (ui: UiState, board: Board): true | string => {
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  if (!row) return rowlessReason(ui);
  if (board.demo) return 'a simulated session has no terminal';
  if (!board.hosts.some(({ name }) => name === row.host)) return true;
  const { command, text } = whereabouts(row);
  return command !== undefined || text;
};
const mayAct = (ui: UiState): true | string => !ui.readOnly || 'otop was started with --read-only';
const withOwnProcess = (ui: UiState, board: Board): true | string => {
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  if (!row) return rowlessReason(ui);
  if (ui.readOnly) return 'otop was started with --read-only';
  if (board.demo) return 'a simulated process cannot be ended';
  if (board.hosts.some(({ name }) => name === row.host)) return `it runs on ${row.host}`;
  return row.process !== undefined || 'no process runs it';
};
const somebodyWaits = (_ui: UiState, board: Board): true | string =>
  board.rows.some((row) => row.state.needsYou || row.state.unread) || 'nobody needs you';
const inTable = (ui: UiState): true | string =>
  (ui.focus === 'table' && !ui.overlay) || 'the table is not in front: Esc goes back';

const onHeading = (ui: UiState, board: Board): true | string => {
  if (board.hosts.length === 0) return 'only one host is shown';
  return isHeading(ui.selectedKey) || 'the cursor is on no heading of a host';
};

const withBranches = (ui: UiState, board: Board): true | string => {
  if (isHeading(ui.selectedKey)) return true;
  if (!ui.tree) return 'no tree is shown: F5 does';
  const row = board.rows.find(({ key }) => key === ui.selectedKey);
  return row?.branch !== undefined || 'it has no subagents';
};

const folding =
  (away: boolean) =>
  (_key: string, { selectedKey }: UiState): Action =>
    selectedKey !== undefined && isHeading(selectedKey)
      ? { type: 'fold-host', heading: selectedKey, away }
      : { type: 'fold', away };

/** Headings of hosts do not count. */
function placeOfSession(number: number, { order }: UiState): number {
  const keys = order.filter((key) => !isHeading(key));
  const key = keys[number - 1] ?? keys.at(-1);
  return key === undefined ? 0 : order.indexOf(key);
}

const searching = (ui: UiState): true | string =>
  ui.search === undefined ? 'nothing is searched for: F3 does' : inTable(ui);

export const keymap: readonly KeyBinding[] = [
  {
    keys: ['?', 'F1'],
    label: 'help',
    help: 'this help',
    bar: 1,
    action: always({ type: 'overlay', name: 'help' }),
  },
  {
    keys: ['j', 'Down'],
    label: 'down',
    help: 'next session; in the detail log and in this help, down a line',
    action: always({ type: 'move', by: 1 }),
  },
  {
    keys: ['k', 'Up'],
    label: 'up',
    help: 'previous session; up a line',
    action: always({ type: 'move', by: -1 }),
  },
  {
    keys: ['g', 'Home'],
    label: 'first',
    help: 'first session; to the top',
    action: always({ type: 'move-to', index: 0 }),
  },
  {
    keys: ['G', 'End'],
    label: 'last',
    help: 'last session; to the end, which the detail log then follows',
    action: always({ type: 'move-to', index: Number.MAX_SAFE_INTEGER }),
  },
  {
    keys: ['PgDn', 'C-f'],
    label: 'page down',
    help: 'a page down',
    action: always({ type: 'page', pages: 1 }),
  },
  {
    keys: ['PgUp', 'C-b'],
    label: 'page up',
    help: 'a page up',
    action: always({ type: 'page', pages: -1 }),
  },
  {
    keys: ['C-d'],
    label: 'half page down',
    help: 'half a page down',
    action: always({ type: 'page', pages: 0.5 }),
  },
  {
    keys: ['C-u'],
    label: 'half page up',
    help: 'half a page up',
    action: always({ type: 'page', pages: -0.5 }),
  },
  {
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shown: '1-9',
    label: 'row',
    help: 'the first to the ninth session',
    action: (key, ui) => ({ type: 'move-to', index: placeOfSession(Number(key), ui) }),
    enabled: inTable,
  },
  {
    keys: ['Enter'],
    label: 'detail',
    help: 'open the detail log of the selected session; in the detail log, jump to its terminal',
    bar: 2,
    action: (_key, ui) => (ui.focus === 'detail' ? { type: 'jump' } : { type: 'open' }),
    enabled: (ui, board) => (ui.focus === 'detail' ? withTerminal(ui, board) : withSelection(ui)),
  },
  {
    keys: ['Esc'],
    label: 'back',
    help: 'close what is in front: help, message, detail log, search, filter; never quits',
    action: always({ type: 'back' }),
  },
  {
    keys: ['o'],
    label: 'jump',
    help: 'jump to its tmux pane, on any tmux server; elsewhere, say where it runs',
    bar: 3,
    action: always({ type: 'jump' }),
    enabled: withTerminal,
  },
  {
    keys: ['w'],
    label: 'next waiting',
    help: 'select the next session that needs you, or ended unread',
    bar: 4,
    action: always({ type: 'next-waiting' }),
    enabled: somebodyWaits,
  },
  {
    keys: ['i'],
    label: 'inbox',
    help: 'everything that sessions ask: answer it where a server takes it, else jump; not with --read-only',
    bar: 4,
    action: always({ type: 'inbox' }),
    enabled: mayAct,
  },
  {
    keys: ['X'],
    label: 'end turn',
    help: "end the selected session's turn, after a question, where a server takes it; not with --read-only",
    action: always({ type: 'ask-abort' }),
    enabled: (ui, board) => (mayAct(ui) === true ? withSession(ui, board) : mayAct(ui)),
  },
  {
    keys: ['Tab'],
    label: 'tab',
    help: 'in the table the same as w; in the detail log its next tab: the tmux pane, todos, …',
    action: (_key, ui) => (ui.focus === 'detail' ? { type: 'tab' } : { type: 'next-waiting' }),
    enabled: (ui, board) => ui.focus === 'detail' || somebodyWaits(ui, board),
  },
  {
    keys: ['t'],
    label: 'todos',
    help: "the selected session's todos",
    action: always({ type: 'tab', to: 'todos' }),
    enabled: withSession,
  },
  {
    keys: ['m'],
    label: 'MCP',
    help: "the MCP servers configured for the selected session's directory",
    action: always({ type: 'tab', to: 'mcp' }),
    enabled: withSelection,
  },
  {
    keys: ['p'],
    label: 'procs',
    help: 'all opencode processes with their memory: orphans, and those of tools, too',
    bar: 12,
    action: always({ type: 'overlay', name: 'processes' }),
  },
  {
    keys: ['a'],
    label: 'all',
    help: 'also sessions that no process runs, and processes of tools; again: only the others',
    bar: 11,
    action: always({ type: 'toggle', what: 'all' }),
  },
  {
    keys: ['F5'],
    label: 'tree',
    help: 'subagents under their parents; again: in them',
    bar: 13,
    action: always({ type: 'tree' }),
    enabled: inTable,
  },
  {
    keys: ['-', 'Left'],
    label: 'fold',
    help: "fold a host's rows away, on its heading; in the tree the subagents",
    action: folding(true),
    enabled: withBranches,
  },
  {
    keys: ['+', 'Right'],
    label: 'unfold',
    help: "unfold a host's rows, on its heading; in the tree the subagents",
    action: folding(false),
    enabled: withBranches,
  },
  {
    keys: ['Space'],
    label: 'fold host',
    help: "fold a host's rows away, or unfold them, on its heading; so does Enter there",
    action: (_key, ui) => ({ type: 'fold-host', heading: ui.selectedKey ?? '' }),
    enabled: onHeading,
  },
  {
    keys: ['h'],
    label: 'host',
    help: 'show the sessions of one host; Esc shows all again',
    action: always({ type: 'host-menu' }),
    enabled: inTable,
  },
  {
    keys: ['T'],
    label: 'ticker',
    help: 'let titles and last outputs that do not fit scroll, or stand still',
    action: always({ type: 'ticker' }),
    enabled: inTable,
  },
  {
    keys: ['M'],
    label: 'mouse',
    help: 'give the mouse to the terminal, to select text; again: take it. Shift selects meanwhile, too',
    action: always({ type: 'toggle', what: 'mouse' }),
  },
  {
    keys: ['y'],
    label: 'yank id',
    help: "copy the session's id",
    bar: 11,
    action: always({ type: 'copy', what: 'id' }),
    enabled: withSession,
  },
  {
    keys: ['Y'],
    label: 'yank resume',
    help: 'copy the command that resumes the session',
    action: always({ type: 'copy', what: 'resume command' }),
    enabled: withSession,
  },
  {
    keys: ['F9', 'x'],
    label: 'end',
    help: 'end its process, after a question; the second time by force; not with --read-only',
    bar: 14,
    action: always({ type: 'ask-end' }),
    enabled: withOwnProcess,
  },
  {
    keys: ['/', 'F4'],
    label: 'filter',
    help: 'show only some sessions: a word, or `status:asking cost>1 -model:haiku`',
    bar: 5,
    action: always({ type: 'prompt', purpose: 'filter' }),
    enabled: inTable,
  },
  {
    keys: ['F3'],
    label: 'search',
    help: 'go to a session by its title; `n` and `N` go on from there',
    action: always({ type: 'prompt', purpose: 'search' }),
    enabled: inTable,
  },
  {
    keys: ['n'],
    label: 'next found',
    help: 'next title that holds what was searched for',
    action: always({ type: 'search-step', step: 1 }),
    enabled: searching,
  },
  {
    keys: ['N'],
    label: 'previous found',
    help: 'previous title that holds what was searched for',
    action: always({ type: 'search-step', step: -1 }),
    enabled: searching,
  },
  {
    keys: ['>'],
    label: 'sort next',
    help: 'sort by the next column',
    action: always({ type: 'sort-step', step: 1 }),
    enabled: inTable,
  },
  {
    keys: ['<'],
    label: 'sort previous',
    help: 'sort by the previous column',
    action: always({ type: 'sort-step', step: -1 }),
    enabled: inTable,
  },
  {
    keys: ['F6'],
    label: 'sort by',
    help: 'pick the column to sort by',
    action: always({ type: 'sort-menu' }),
    enabled: inTable,
  },
  {
    keys: ['s', 'I'],
    label: 'flip',
    help: 'sort the other way round',
    bar: 8,
    action: always({ type: 'sort-flip' }),
    enabled: inTable,
  },
  {
    keys: ['F2', 'S'],
    label: 'setup',
    help: 'columns, theme, layout, sort order, delay; seen at once and written to the configuration',
    bar: 13,
    action: always({ type: 'setup' }),
    enabled: inTable,
  },
  {
    keys: ['v'],
    label: 'layout',
    help: 'two lines a session, one, or by the width of the terminal',
    bar: 9,
    action: always({ type: 'row-lines' }),
    enabled: inTable,
  },
  {
    keys: ['z'],
    label: 'pause',
    help: 'freeze the screen; sampling goes on',
    bar: 7,
    action: always({ type: 'pause' }),
  },
  {
    keys: ['r'],
    label: 'refresh',
    help: 'look at everything again, now',
    bar: 10,
    action: always({ type: 'refresh' }),
  },
  {
    keys: ['C-l'],
    label: 'redraw',
    help: 'draw the whole screen again, and refresh',
    action: always({ type: 'redraw' }),
  },
  {
    keys: ['C-z'],
    label: 'suspend',
    help: 'back to the shell; `fg` returns',
    action: always({ type: 'suspend' }),
  },
  {
    keys: ['q', 'F10', 'C-c'],
    label: 'quit',
    help: 'quit',
    bar: 6,
    action: always({ type: 'quit' }),
  },
];

/** What lies in front does not matter to these. */
const alwaysThere: ReadonlySet<string> = new Set(['C-l', 'C-z', 'F10']);

/**
 * What a key does now: its action, the reason why not, or nothing where the key means nothing. While a question stands,
 * every key answers it.
 */
export function keyAction(
  key: string,
  ui: UiState,
  board: Board,
): { readonly action: Action } | { readonly disabled: string } | undefined {
  if (ui.question) return { action: { type: 'answer', key } };
  if (ui.prompt && !alwaysThere.has(key)) return { action: promptAction(key) };
  if (ui.menu && !alwaysThere.has(key)) {
    const action = menuAction(ui.menu, key);
    return action && { action };
  }
  const binding = ui.keymap.find(({ keys }) => keys.includes(key));
  if (!binding) return undefined;
  const enabled = binding.enabled?.(ui, board) ?? true;
  return enabled === true ? { action: binding.action(key, ui) } : { disabled: enabled };
}

/** How a binding's keys are written for people: `? F1`, `1-9`, `Ctrl-L`. */
export function shownKeys(binding: KeyBinding): string {
  return (
    binding.shown ??
    binding.keys
      .map((key) => key.replace(/^C-(.)/, (_all, letter: string) => `Ctrl-${letter.toUpperCase()}`))
      .join(' ')
  );
}
