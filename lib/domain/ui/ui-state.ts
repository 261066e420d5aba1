import type { DisplayText } from '../../text/sanitize.ts';
import type { Board } from '../board/board.ts';
import type { RowMarks } from '../board/row-marks.ts';
import { attentionFirst, type SortOrder } from '../board/sort.ts';
import type { Answer, PendingAsk } from '../session/acts.ts';
import type { ColumnId } from '../table/columns.ts';
import type { Filter } from '../table/filter.ts';
import type { InboxEntry } from './inbox.ts';
import { type KeyBinding, keymap } from './keymap.ts';
import type { Menu } from './menu.ts';
import type { Prompt, PromptPurpose, TypedReply } from './prompt.ts';
import type { Question } from './question.ts';
import { type Settings, type SomeSettings, settled } from './settings/table.ts';
import type { SetupPlace } from './setup-menu.ts';

/** What the last frame showed, which paging and scrolling are measured in. */
export interface Viewport {
  /** Only the counts had room. */
  readonly tooSmall: boolean;
  /** Rows of the table that fit; the first of them. */
  readonly tableRows: number;
  readonly tableTop: number;
  /** The columns that had room. */
  readonly tableColumns: readonly ColumnId[];
  /** Lines of the detail log that fit, and the number of its first visible line. */
  readonly detailRows: number;
  readonly detailTop: number;
  /** Least and greatest number of a first visible line; infinite and huge where more can be read. */
  readonly detailFirst: number;
  readonly detailLast: number;
  readonly helpRows: number;
  readonly helpLines: number;
}

/**
 * What the open detail log can show: the conversation, its live tmux pane, the todos, subagents and MCP servers, what
 * the Board knows, the evidence.
 */
export const detailTabs = ['log', 'pane', 'todos', 'subagents', 'mcp', 'facts', 'why'] as const;

export type DetailTab = (typeof detailTabs)[number];

/** Everything about the screen that is not on the Board: what is selected, sorted, open and scrolled. */
export interface UiState {
  /** By key, never by position: rows come, go and change places. */
  readonly selectedKey?: string;
  /** Keys of the rows as shown, first to last. */
  readonly order: readonly string[];
  readonly sort: SortOrder;
  /** As loaded, and as changed with F2. */
  readonly settings: Settings;
  /** The settings before F2 was opened. */
  readonly setup?: Settings;
  /** What each key does, with the person's own keys. */
  readonly keymap: readonly KeyBinding[];
  /** Only rows that match are shown. */
  readonly filter?: Filter;
  /** What titles are searched for; marked where it is found. */
  readonly search?: string;
  /** The line that is being typed: it takes every key. */
  readonly prompt?: Prompt;
  /** Lines that were typed before, oldest first. */
  readonly typed: Readonly<Record<PromptPurpose, readonly string[]>>;
  readonly focus: 'table' | 'detail';
  readonly overlay?: 'help' | 'processes';
  /** A question or a choice, in front of everything else. */
  readonly menu?: Menu;
  /** In front of everything: all keys answer it. */
  readonly question?: Question;
  /** Processes that were asked to end, as `processKey` names them: the next time force is offered. */
  readonly terminated: readonly string[];
  /** With --read-only: no key acts on a session or a process. */
  readonly readOnly: boolean;
  /** Subagents stand under their parents, but for the roots named. */
  readonly tree: boolean;
  readonly folded: readonly string[];
  /** Headings of hosts whose rows are folded away, and the heading of the only one that is shown. */
  readonly foldedHosts: readonly string[];
  readonly onlyHost?: string;
  /** Sessions that no process runs are shown, too, and processes of tools. */
  readonly all: boolean;
  /** Titles and last outputs that do not fit scroll; absent: as set. */
  readonly ticker?: boolean;
  /** The mouse is otop's; else the terminal's own, to select text with. */
  readonly mouse: boolean;
  readonly helpTop: number;
  /** First visible line of the detail log; absent while it shows its natural end. */
  readonly detailTop?: number;
  /** What the detail log shows while it is open. */
  readonly detailTab: DetailTab;
  /** Lines of a session: by the terminal's width, or as chosen. */
  readonly rowLines: 'auto' | 'one' | 'two';
  /** The Board that stays on the screen while otop is paused. */
  readonly frozen?: Board;
  /** Rows that came, changed or went a moment ago. */
  readonly marks?: RowMarks;
  /** When the cursor was moved last: rows hold still for a moment afterwards. */
  readonly movedAtMs?: number;
  /** A word on the screen about what was just done, or why not. */
  readonly notice?: { readonly text: DisplayText; readonly untilMs: number };
  readonly viewport: Viewport;
}

/** The screen as it opens. */
export const initialUiState: UiState = {
  order: [],
  sort: attentionFirst,
  settings: settled(),
  keymap,
  typed: { filter: [], search: [], answer: [] },
  focus: 'table',
  detailTab: 'log',
  helpTop: 0,
  terminated: [],
  readOnly: false,
  tree: false,
  folded: [],
  foldedHosts: [],
  all: false,
  mouse: true,
  rowLines: 'auto',
  viewport: {
    tooSmall: false,
    tableRows: 1,
    tableTop: 0,
    tableColumns: [],
    detailRows: 1,
    detailTop: 0,
    detailFirst: 0,
    detailLast: 0,
    helpRows: 1,
    helpLines: 0,
  },
};

/** What a key, a click or an event asks for. */
export type Action =
  | { readonly type: 'move'; readonly by: number }
  | { readonly type: 'page'; readonly pages: number }
  | { readonly type: 'move-to'; readonly index: number }
  /** A click on a row: selects it; on the selected one: opens it. */
  | { readonly type: 'click-row'; readonly key: string }
  | { readonly type: 'wheel'; readonly panel: 'table' | 'detail' | 'overlay'; readonly by: number }
  | { readonly type: 'open' }
  | { readonly type: 'back' }
  | { readonly type: 'next-waiting' }
  /** The next tab of the detail log, or the one named. */
  | { readonly type: 'tab'; readonly to?: DetailTab }
  | { readonly type: 'sort-step'; readonly step: 1 | -1 }
  | { readonly type: 'sort-flip' }
  /** A click on a header: sorts by it; again: flips. */
  | { readonly type: 'sort-by'; readonly column: ColumnId }
  /** Opens the line to type a filter or a search. */
  | { readonly type: 'prompt'; readonly purpose: PromptPurpose }
  | { readonly type: 'prompt-key'; readonly key: string }
  /** An earlier line, or a later one. */
  | { readonly type: 'prompt-earlier'; readonly by: number }
  | { readonly type: 'prompt-keep' }
  | { readonly type: 'prompt-cancel' }
  | { readonly type: 'filter-clear' }
  /** This filter alone; none where it is the one in force. */
  | { readonly type: 'filter-toggle'; readonly text: string }
  /** The next title that holds what is searched for, or the one before. */
  | { readonly type: 'search-step'; readonly step: 1 | -1 }
  /** Text came in one piece, not typed. */
  | { readonly type: 'paste'; readonly text: string }
  /** Opens an overlay, or closes it. */
  | { readonly type: 'overlay'; readonly name: 'help' | 'processes' }
  /** Subagents under their parents, or in them. */
  | { readonly type: 'tree' }
  | { readonly type: 'fold'; readonly away: boolean }
  /** Opens the choice of the host that is shown. */
  | { readonly type: 'host-menu' }
  /** Shows only the host of this heading; without one, all. */
  | { readonly type: 'pick-host'; readonly heading?: string }
  /** Folds a host's rows away, or not; the other way than now where that is not said. */
  | { readonly type: 'fold-host'; readonly heading: string; readonly away?: boolean }
  | { readonly type: 'toggle'; readonly what: 'all' | 'mouse' }
  | { readonly type: 'ticker' }
  /** Opens F2, or one of its menus. */
  | { readonly type: 'setup'; readonly place?: SetupPlace }
  /** Changes settings, and shows them in a menu of F2. */
  | { readonly type: 'set'; readonly patch: SomeSettings; readonly place: SetupPlace }
  | { readonly type: 'setup-done' }
  | { readonly type: 'setup-undo' }
  /** Opens a menu, in place of the one that is open. */
  | { readonly type: 'menu'; readonly menu: Menu }
  | { readonly type: 'menu-move'; readonly by: number }
  /** The item under the cursor, or the one of a place. */
  | { readonly type: 'menu-choose'; readonly index?: number }
  | { readonly type: 'menu-close' }
  /** Opens the choice of the column to sort by. */
  | { readonly type: 'sort-menu' }
  | { readonly type: 'row-lines' }
  | { readonly type: 'copy'; readonly what: 'id' | 'resume command' }
  | { readonly type: 'jump' }
  /** Asks whether the selected row's process is to end. */
  | { readonly type: 'ask-end' }
  /** A key while a question stands. */
  | { readonly type: 'answer'; readonly key: string }
  /** Opens the inbox; then with what can be answered now. */
  | { readonly type: 'inbox' }
  | {
      readonly type: 'inbox-open';
      readonly asks: readonly PendingAsk[];
      /** Those that were answered just now. */
      readonly answered?: readonly PendingAsk[];
    }
  /** Opens one ask, at the question after those that are answered. */
  | {
      readonly type: 'ask-menu';
      readonly entry: InboxEntry;
      readonly answers: readonly (readonly string[])[];
      readonly chosen?: readonly string[];
      /** Where the cursor stands. */
      readonly selected?: number;
    }
  /** So many of its questions are answered. */
  | {
      readonly type: 'ask-part';
      readonly entry: InboxEntry;
      readonly answers: readonly (readonly string[])[];
    }
  /** Opens the line to type an answer. */
  | ({ readonly type: 'ask-words' } & TypedReply)
  | { readonly type: 'ask-typed'; readonly text: string; readonly to: TypedReply }
  | { readonly type: 'ask-answer'; readonly asks: readonly PendingAsk[]; readonly answer: Answer }
  | { readonly type: 'ask-jump'; readonly key: string }
  /** Asks whether a session's turn is to end: the selected row's unless told. */
  | { readonly type: 'ask-abort'; readonly sessionId?: string }
  | { readonly type: 'pause' }
  | { readonly type: 'refresh' }
  | { readonly type: 'redraw' }
  | { readonly type: 'suspend' }
  | { readonly type: 'quit' }
  /** A new Board arrived. */
  | { readonly type: 'board' }
  /** A frame was laid out. */
  | { readonly type: 'viewport'; readonly viewport: Viewport }
  | { readonly type: 'notice'; readonly text: DisplayText };

/** What only the app can do. */
export type Effect =
  | { readonly type: 'quit' | 'refresh' | 'redraw' | 'suspend' }
  | { readonly type: 'all' | 'mouse'; readonly on: boolean }
  /** These settings go into the configuration file. */
  | { readonly type: 'save-settings'; readonly changes: SomeSettings }
  /** Something of this row goes to the clipboard. */
  | { readonly type: 'copy'; readonly key: string; readonly what: 'id' | 'resume command' }
  /** A signal to this very process, which `key` names. */
  | {
      readonly type: 'end-process';
      readonly signal: 'SIGTERM' | 'SIGKILL';
      readonly pid: number;
      readonly startedAtMs?: number;
      readonly key: string;
    }
  /** What can be answered is looked up, for the inbox. */
  | { readonly type: 'inbox' }
  /** The same answer to these asks. */
  | { readonly type: 'answer'; readonly asks: readonly PendingAsk[]; readonly answer: Answer }
  | { readonly type: 'abort'; readonly sessionId: string }
  /** The terminal that runs this row comes to the front. */
  | { readonly type: 'jump'; readonly key: string }
  /** The person looked at this row: it is no longer unread. */
  | { readonly type: 'seen'; readonly key: string };
