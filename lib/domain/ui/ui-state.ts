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

/** The state of the screen: selection, order, focus, overlays and scroll positions. The Board is not part of it. */
export interface UiState {
  /** A key, not an index, since rows come, go and move. */
  readonly selectedKey?: string;
  /** Keys of the shown rows, top to bottom. */
  readonly order: readonly string[];
  readonly sort: SortOrder;
  /** The settings as loaded, with the changes of F2. */
  readonly settings: Settings;
  /** The settings before F2 was opened; undefined while F2 is closed. */
  readonly setup?: Settings;
  /** All key bindings, with the configured keys. */
  readonly keymap: readonly KeyBinding[];
  /** Hides every row that does not match. */
  readonly filter?: Filter;
  /** The text searched for in titles; matches are shown in the style `found`. */
  readonly search?: string;
  /** The open prompt; it takes every key. */
  readonly prompt?: Prompt;
  /** History of typed lines, oldest first. */
  readonly typed: Readonly<Record<PromptPurpose, readonly string[]>>;
  readonly focus: 'table' | 'detail';
  readonly overlay?: 'help' | 'processes';
  /** The open menu, over the rest of the screen. */
  readonly menu?: Menu;
  /** The open yes/no dialog; it takes every key. */
  readonly confirmation?: Confirmation;
  /** Keys (`processKey`) of processes that got SIGTERM: the next confirmation offers SIGKILL. */
  readonly terminated: readonly string[];
  /** True with --read-only: no key acts on a session or a process. */
  readonly readOnly: boolean;
  /** True if subagents are shown under their parents, except under the `folded` roots. */
  readonly tree: boolean;
  readonly folded: readonly string[];
  /** Headings of hosts whose rows are folded, and the heading of the only shown host. */
  readonly foldedHosts: readonly string[];
  readonly onlyHost?: string;
  /** True if sessions without a process and processes of tools are shown too. */
  readonly all: boolean;
  /** True if titles and last outputs that do not fit scroll; undefined takes the setting. */
  readonly ticker?: boolean;
  /** True if otop gets mouse events; false leaves the mouse to the terminal, to select text. */
  readonly mouse: boolean;
  readonly helpTop: number;
  /** First visible line of the detail log; undefined until it is scrolled, infinite while it follows its end. */
  readonly detailTop?: number;
  /** The tab of the open detail log. */
  readonly detailTab: DetailTab;
  /** Lines per session: `auto` depends on the terminal's width. */
  readonly rowLines: 'auto' | 'one' | 'two';
  /** The Board on the screen while otop is paused. */
  readonly frozen?: Board;
  /** Rows that appeared, changed or went away recently. */
  readonly highlights?: RowHighlights;
  /** Time of the last cursor movement; the rows keep their order for a moment after it. */
  readonly movedAtMs?: number;
  /** A short message about the last action, or why it failed. */
  readonly notice?: { readonly text: DisplayText; readonly untilMs: number; readonly lastsMs: number };
  readonly viewport: Viewport;
}

/** The state of the screen at the start. */
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
