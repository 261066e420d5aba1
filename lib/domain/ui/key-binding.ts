import type { Board } from '../board/board.ts';

/**
 * What the open detail log can show: the conversation, its live tmux pane, the todos, subagents and MCP servers, what
 * the Board knows, the evidence.
 */
export const detailTabs = ['log', 'pane', 'todos', 'subagents', 'mcp', 'facts', 'why'] as const;

export type DetailTab = (typeof detailTabs)[number];

/** What a key of the key table asks for. Plain values only: the settings are made with the names of these keys. */
export type BoundAction =
  | { readonly type: 'move'; readonly by: number }
  | { readonly type: 'page'; readonly pages: number }
  | { readonly type: 'move-to'; readonly index: number }
  | { readonly type: 'open' }
  | { readonly type: 'back' }
  | { readonly type: 'next-waiting' }
  /** The next tab of the detail log, or the one named. */
  | { readonly type: 'tab'; readonly to?: DetailTab }
  | { readonly type: 'sort-step'; readonly step: 1 | -1 }
  | { readonly type: 'sort-flip' }
  /** Opens the line to type a filter or a search. */
  | { readonly type: 'prompt'; readonly purpose: 'filter' | 'search' }
  /** The next title that holds what is searched for, or the one before. */
  | { readonly type: 'search-step'; readonly step: 1 | -1 }
  /** Opens an overlay, or closes it. */
  | { readonly type: 'overlay'; readonly name: 'help' | 'processes' }
  /** Subagents under their parents, or in them. */
  | { readonly type: 'tree' }
  | { readonly type: 'fold'; readonly away: boolean }
  /** Opens the choice of the host that is shown. */
  | { readonly type: 'host-menu' }
  /** Folds a host's rows away, or unfolds them; without `away` the other way than now. */
  | { readonly type: 'fold-host'; readonly heading: string; readonly away?: boolean }
  | { readonly type: 'toggle'; readonly what: 'all' | 'mouse' }
  | { readonly type: 'ticker' }
  /** Opens F2. */
  | { readonly type: 'setup' }
  /** Opens the choice of the column to sort by. */
  | { readonly type: 'sort-menu' }
  | { readonly type: 'row-lines' }
  | { readonly type: 'copy'; readonly what: 'id' | 'resume command' }
  | { readonly type: 'jump' }
  /** Asks whether the selected row's process is to end. */
  | { readonly type: 'confirm-end' }
  /** Looks up what can be answered now, for the inbox. */
  | { readonly type: 'inbox' }
  /** Asks whether a session's turn is to end: the selected row's unless told. */
  | { readonly type: 'confirm-abort'; readonly sessionId?: string }
  | { readonly type: 'pause' }
  | { readonly type: 'refresh' }
  | { readonly type: 'redraw' }
  | { readonly type: 'suspend' }
  | { readonly type: 'quit' };

/** What keys look at, of the state of the screen. */
export interface KeyInput {
  readonly selectedKey?: string;
  /** Keys of the rows as shown, first to last. */
  readonly order: readonly string[];
  readonly focus: 'table' | 'detail';
  readonly overlay?: 'help' | 'processes';
  readonly search?: string;
  readonly tree: boolean;
  readonly readOnly: boolean;
}

/** When a key works: true, or the reason why not, in words. */
export type Condition = (ui: KeyInput, board: Board) => true | string;

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
  readonly action: (key: string, ui: KeyInput) => BoundAction;
  readonly enabled?: Condition;
}
