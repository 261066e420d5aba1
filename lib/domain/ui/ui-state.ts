import type { DisplayText } from '../../text/sanitize.ts';
import type { Board } from '../board/board.ts';
import type { RowHighlights } from '../board/row-highlights.ts';
import { attentionFirst, type SortOrder } from '../board/sort.ts';
import { type Settings, settled } from '../schema/configuration.ts';
import type { Filter } from '../table/filter.ts';
import type { Menu, Viewport } from './action.ts';
import type { Confirmation } from './confirmation.ts';
import type { DetailTab, KeyBinding } from './key-binding.ts';
import { keymap } from './keymap.ts';
import type { Prompt, PromptPurpose } from './prompt.ts';

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
  readonly confirmation?: Confirmation;
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
  readonly highlights?: RowHighlights;
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
