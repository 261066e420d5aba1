import type { DisplayText } from '../../text/sanitize.ts';
import type { SomeSettings } from '../schema/configuration.ts';
import type { Answer, InboxEntry, PendingAsk, TypedReply } from '../session/acts.ts';
import type { ColumnId } from '../table/columns.ts';
import type { BoundAction } from './key-binding.ts';

/** Sizes and positions of the last frame, for paging and scrolling. */
export interface Viewport {
  /** The terminal had room for the counts only. */
  readonly tooSmall: boolean;
  /** Number of table rows that fit, and the index of the first one. */
  readonly tableRows: number;
  readonly tableTop: number;
  /** The columns that fit. */
  readonly tableColumns: readonly ColumnId[];
  /** Number of detail log lines that fit, and the number of the first visible one. */
  readonly detailRows: number;
  readonly detailTop: number;
  /** Minimum and maximum of `detailTop`; infinite or huge while more messages can be read in that direction. */
  readonly detailFirst: number;
  readonly detailLast: number;
  readonly helpRows: number;
  readonly helpLines: number;
}

/** A page of the setup menu (F2), and the index of the item under the cursor. */
export interface SetupPlace {
  readonly page: 'main' | 'columns' | 'theme' | 'sort';
  readonly selected: number;
}

/** A line of a menu. Without an action it is information and cannot be chosen. */
export interface MenuItem {
  readonly label: DisplayText;
  /** Muted text to the right of the label: its current value or its effect. */
  readonly detail?: DisplayText;
  /** Shown before the label: the item's current state. */
  readonly indicator?: 'on' | 'off' | 'chosen' | 'ascending' | 'descending';
  /** A key that chooses the item directly, named as in `widgets/keys.ts`. */
  readonly key?: string;
  readonly action?: Action;
  /** The actions of Left and Right on this item. */
  readonly less?: Action;
  readonly more?: Action;
}

/** A list of choices over the rest of the screen. Choosing an item closes the menu and runs the item's action. */
export interface Menu {
  readonly title: DisplayText;
  /** Shown above the items: the subject of the choice. */
  readonly text?: readonly DisplayText[];
  readonly items: readonly MenuItem[];
  /** Index of the item under the cursor. */
  readonly selected: number;
  /** Runs after Esc closed the menu: opens the parent menu again. */
  readonly back?: Action;
}

/** A change requested by a key, a click or an event. */
export type Action =
  | BoundAction
  /** A click on a row selects it; a click on the selected row opens it. */
  | { readonly type: 'click-row'; readonly key: string }
  | { readonly type: 'wheel'; readonly panel: 'table' | 'detail' | 'overlay'; readonly by: number }
  /** A click on a header sorts by its column; a second click reverses the order. */
  | { readonly type: 'sort-by'; readonly column: ColumnId }
  | { readonly type: 'prompt-key'; readonly key: string }
  /** Moves in the history: a positive `by` goes to earlier lines. */
  | { readonly type: 'prompt-earlier'; readonly by: number }
  | { readonly type: 'prompt-submit' }
  | { readonly type: 'prompt-cancel' }
  | { readonly type: 'filter-clear' }
  /** Replaces the filter with this one, or clears it if this one is active. */
  | { readonly type: 'filter-toggle'; readonly text: string }
  /** Text that was pasted, not typed. */
  | { readonly type: 'paste'; readonly text: string }
  /** Shows only the host of this heading; without one, all hosts. */
  | { readonly type: 'pick-host'; readonly heading?: string }
  /** Opens a page of the setup menu. */
  | { readonly type: 'setup-page'; readonly place: SetupPlace }
  /** Changes settings, and shows the result in the setup menu. */
  | { readonly type: 'set'; readonly patch: SomeSettings; readonly place: SetupPlace }
  | { readonly type: 'setup-done' }
  | { readonly type: 'setup-undo' }
  /** Opens a menu and closes the current one. */
  | { readonly type: 'menu'; readonly menu: Menu }
  | { readonly type: 'menu-move'; readonly by: number }
  /** Chooses the item at this index, or the one under the cursor. */
  | { readonly type: 'menu-choose'; readonly index?: number }
  | { readonly type: 'menu-close' }
  /** A key while a confirmation is open. */
  | { readonly type: 'confirm-key'; readonly key: string }
  /** Opens the inbox with the pending asks. */
  | {
      readonly type: 'inbox-open';
      readonly asks: readonly PendingAsk[];
      /** Asks answered just now, which the Board may still show. */
      readonly answered?: readonly PendingAsk[];
    }
  /** Opens one ask at its first question that has no answer. */
  | {
      readonly type: 'ask-menu';
      readonly entry: InboxEntry;
      readonly answers: readonly (readonly string[])[];
      readonly chosen?: readonly string[];
      /** Index of the item under the cursor. */
      readonly selected?: number;
      /** Why the typed answer was not taken. */
      readonly problem?: DisplayText;
    }
  /** Opens the ask's next question, or sends the answers if it was the last. */
  | {
      readonly type: 'ask-next';
      readonly entry: InboxEntry;
      readonly answers: readonly (readonly string[])[];
    }
  /** Opens the prompt to type an answer. */
  | ({ readonly type: 'ask-prompt' } & TypedReply)
  | { readonly type: 'ask-typed'; readonly text: string; readonly to: TypedReply }
  | { readonly type: 'ask-answer'; readonly asks: readonly PendingAsk[]; readonly answer: Answer }
  | { readonly type: 'ask-jump'; readonly key: string }
  /** A new Board arrived. */
  | { readonly type: 'board' }
  | { readonly type: 'notice'; readonly text: DisplayText; readonly lastsMs?: number };

/** Something that only the app can do, since reducers are pure. */
export type Effect =
  | { readonly type: 'quit' | 'refresh' | 'redraw' | 'suspend' }
  | { readonly type: 'all' | 'mouse'; readonly on: boolean }
  /** Writes these settings into the configuration file. */
  | { readonly type: 'save-settings'; readonly changes: SomeSettings }
  /** Copies the row's id or resume command to the clipboard. */
  | { readonly type: 'copy'; readonly key: string; readonly what: 'id' | 'resume command' }
  /** Sends a signal to a process. `key` identifies it even if the pid is reused. */
  | {
      readonly type: 'end-process';
      readonly signal: 'SIGTERM' | 'SIGKILL';
      readonly pid: number;
      readonly startedAtMs?: number;
      readonly key: string;
    }
  /** Reads the pending asks for the inbox. */
  | { readonly type: 'inbox' }
  /** Sends the same answer to each of these asks. */
  | { readonly type: 'answer'; readonly asks: readonly PendingAsk[]; readonly answer: Answer }
  | { readonly type: 'abort'; readonly sessionId: string }
  /** Brings the row's terminal to the front. */
  | { readonly type: 'jump'; readonly key: string }
  /** The person viewed this row: it is no longer unread. */
  | { readonly type: 'seen'; readonly key: string };
