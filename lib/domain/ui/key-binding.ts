import type { Board } from '../board/board.ts';

/**
 * The tabs of the detail log: conversation, live tmux pane, todos, subagents, MCP servers, facts of the Board, and the
 * evidence for the match.
 */
export const detailTabs = ['log', 'pane', 'todos', 'subagents', 'mcp', 'facts', 'why'] as const;

/** The name of a tab of the detail log. */
export type DetailTab = (typeof detailTabs)[number];

/** The action of a binding. It holds plain values only, since the settings import the key table: no import cycle. */
export type BoundAction =
  | { readonly type: 'move'; readonly by: number }
  | { readonly type: 'page'; readonly pages: number }
  | { readonly type: 'move-to'; readonly index: number }
  | { readonly type: 'open' }
  | { readonly type: 'back' }
  | { readonly type: 'next-waiting' }
  /** Opens the named tab of the detail log, or the next one. */
  | { readonly type: 'tab'; readonly to?: DetailTab }
  | { readonly type: 'sort-step'; readonly step: 1 | -1 }
  | { readonly type: 'sort-flip' }
  /** Opens the line to type a filter or a search. */
  | { readonly type: 'prompt'; readonly purpose: 'filter' | 'search' }
  /** Selects the next or previous title that contains the searched text. */
  | { readonly type: 'search-step'; readonly step: 1 | -1 }
  /** Opens an overlay, or closes it if it is open. */
  | { readonly type: 'overlay'; readonly name: 'help' | 'processes' }
  /** Shows subagents as rows under their parents, or hides them. */
  | { readonly type: 'tree' }
  | { readonly type: 'fold'; readonly away: boolean }
  /** Opens the menu that picks the shown host. */
  | { readonly type: 'host-menu' }
  /** Folds a host's rows if `away` is true, unfolds them if it is false, and toggles without it. */
  | { readonly type: 'fold-host'; readonly heading: string; readonly away?: boolean }
  | { readonly type: 'toggle'; readonly what: 'all' | 'mouse' }
  | { readonly type: 'ticker' }
  /** Opens the main setup menu (F2). */
  | { readonly type: 'setup' }
  /** Opens the menu that picks the sort column. */
  | { readonly type: 'sort-menu' }
  | { readonly type: 'row-lines' }
  | { readonly type: 'copy'; readonly what: 'id' | 'resume command' }
  | { readonly type: 'jump' }
  /** Opens the confirmation to end the selected row's process. */
  | { readonly type: 'confirm-end' }
  /** Reads the pending asks, then opens the inbox. */
  | { readonly type: 'inbox' }
  /** Opens the confirmation to end a session's turn; without an id, that of the selected row. */
  | { readonly type: 'confirm-abort'; readonly sessionId?: string }
  | { readonly type: 'pause' }
  | { readonly type: 'refresh' }
  | { readonly type: 'redraw' }
  | { readonly type: 'suspend' }
  | { readonly type: 'quit' };

/** The part of the UI state that keys read. */
export interface KeyInput {
  readonly selectedKey?: string;
  /** Keys of the shown rows, top to bottom. */
  readonly order: readonly string[];
  readonly focus: 'table' | 'detail';
  readonly overlay?: 'help' | 'processes';
  readonly search?: string;
  readonly tree: boolean;
  readonly readOnly: boolean;
}

/** Returns true if a key works now, or the reason why it does not. */
export type Condition = (ui: KeyInput, board: Board) => true | string;

/**
 * One key, or several with the same meaning. The key bar, the help screen and the reference are generated from these
 * records.
 */
export interface KeyBinding {
  /** Names of the keys as in `widgets/keys.ts`: `j`, `G`, `C-l`, `F1`, `Enter`, `PgUp`. */
  readonly keys: readonly string[];
  /** The keys as help and reference write them, if the names would be too long. */
  readonly shown?: string;
  /** One or two words for the key bar; also the name of the binding in the configuration. */
  readonly label: string;
  /** A sentence for help and reference. */
  readonly help: string;
  /** Its position in the key bar: 1 is first and dropped last. Undefined if the key bar does not show it. */
  readonly bar?: number;
  /** Its position and label in the key bar while the detail log or an overlay covers the table. */
  readonly inFront?: { readonly bar: number; readonly label?: string };
  /** True if it also works while the help or the process list is open. */
  readonly overOverlay?: true;
  readonly action: (key: string, ui: KeyInput) => BoundAction;
  readonly enabled?: Condition;
}
