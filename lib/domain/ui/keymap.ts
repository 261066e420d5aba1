import { isHeading } from '../board/sections.ts';
import {
  type Condition,
  inTable,
  mayAct,
  onHeading,
  searching,
  somebodyWaits,
  withBranches,
  withOwnProcess,
  withSelection,
  withSession,
  withTerminal,
} from './key-conditions.ts';
import type { Action, UiState } from './ui-state.ts';

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
  /** Its place there, and its other word, while the detail log or something else is in front of the table. */
  readonly inFront?: { readonly bar: number; readonly label?: string };
  /** It works while the help or the list of processes is in front. */
  readonly overOverlay?: true;
  readonly action: (key: string, ui: UiState) => Action;
  readonly enabled?: Condition;
}

const always = (action: Action) => () => action;

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

/** Every key, in the order of the help. */
export const keymap: readonly KeyBinding[] = [
  {
    keys: ['?', 'F1'],
    label: 'help',
    help: 'this help',
    bar: 1,
    overOverlay: true,
    inFront: { bar: 7 },
    action: always({ type: 'overlay', name: 'help' }),
  },
  {
    keys: ['j', 'Down'],
    label: 'down',
    help: 'next session; in the detail log and in this help, down a line',
    overOverlay: true,
    inFront: { bar: 4 },
    action: always({ type: 'move', by: 1 }),
  },
  {
    keys: ['k', 'Up'],
    label: 'up',
    help: 'previous session; up a line',
    overOverlay: true,
    inFront: { bar: 5 },
    action: always({ type: 'move', by: -1 }),
  },
  {
    keys: ['g', 'Home'],
    label: 'first',
    help: 'first session; to the top',
    overOverlay: true,
    action: always({ type: 'move-to', index: 0 }),
  },
  {
    keys: ['G', 'End'],
    label: 'last',
    help: 'last session; to the end, which the detail log then follows',
    overOverlay: true,
    inFront: { bar: 6, label: 'end' },
    action: always({ type: 'move-to', index: Number.MAX_SAFE_INTEGER }),
  },
  {
    keys: ['PgDn', 'C-f'],
    label: 'page down',
    help: 'a page down',
    overOverlay: true,
    action: always({ type: 'page', pages: 1 }),
  },
  {
    keys: ['PgUp', 'C-b'],
    label: 'page up',
    help: 'a page up',
    overOverlay: true,
    action: always({ type: 'page', pages: -1 }),
  },
  {
    keys: ['C-d'],
    label: 'half page down',
    help: 'half a page down',
    overOverlay: true,
    action: always({ type: 'page', pages: 0.5 }),
  },
  {
    keys: ['C-u'],
    label: 'half page up',
    help: 'half a page up',
    overOverlay: true,
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
    inFront: { bar: 3, label: 'jump' },
    action: (_key, ui) => (ui.focus === 'detail' ? { type: 'jump' } : { type: 'open' }),
    enabled: (ui, board) => (ui.focus === 'detail' ? withTerminal(ui, board) : withSelection(ui, board)),
  },
  {
    keys: ['Esc'],
    label: 'back',
    help: 'close what is in front: help, message, detail log, search, filter; never quits',
    overOverlay: true,
    inFront: { bar: 1 },
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
    inFront: { bar: 10 },
    action: always({ type: 'ask-abort' }),
    enabled: (ui, board) => (mayAct(ui, board) === true ? withSession(ui, board) : mayAct(ui, board)),
  },
  {
    keys: ['Tab'],
    label: 'tab',
    help: 'in the table the same as w; in the detail log its next tab: the tmux pane, todos, …',
    inFront: { bar: 2, label: 'next tab' },
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
    overOverlay: true,
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
    overOverlay: true,
    action: always({ type: 'toggle', what: 'mouse' }),
  },
  {
    keys: ['y'],
    label: 'yank id',
    help: "copy the session's id",
    bar: 11,
    inFront: { bar: 9 },
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
    inFront: { bar: 11 },
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
    overOverlay: true,
    action: always({ type: 'pause' }),
  },
  {
    keys: ['r'],
    label: 'refresh',
    help: 'look at everything again, now',
    bar: 10,
    overOverlay: true,
    action: always({ type: 'refresh' }),
  },
  {
    keys: ['C-l'],
    label: 'redraw',
    help: 'draw the whole screen again, and refresh',
    overOverlay: true,
    action: always({ type: 'redraw' }),
  },
  {
    keys: ['C-z'],
    label: 'suspend',
    help: 'back to the shell; `fg` returns',
    overOverlay: true,
    action: always({ type: 'suspend' }),
  },
  {
    keys: ['q', 'F10', 'C-c'],
    label: 'quit',
    help: 'quit; `q` closes the help first',
    bar: 6,
    overOverlay: true,
    inFront: { bar: 8 },
    action: (key, ui) => ({ type: key === 'q' && ui.overlay ? 'back' : 'quit' }),
  },
];
