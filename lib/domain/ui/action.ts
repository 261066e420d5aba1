import type { DisplayText } from '../../text/sanitize.ts';
import type { SomeSettings } from '../schema/configuration.ts';
import type { Answer, InboxEntry, PendingAsk, TypedReply } from '../session/acts.ts';
import type { ColumnId } from '../table/columns.ts';
import type { BoundAction } from './key-binding.ts';

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

/** Which of its menus F2 shows, and the item under the cursor. */
export interface SetupPlace {
  readonly page: 'main' | 'columns' | 'theme' | 'sort';
  readonly selected: number;
}

/** A line of a menu. Without an action it only says something, and cannot be chosen. */
export interface MenuItem {
  readonly label: DisplayText;
  /** To the right of the label, quieter: what it is now, or what it does. */
  readonly detail?: DisplayText;
  /** Before the label: which one is in force. */
  readonly mark?: 'on' | 'off' | 'chosen' | 'ascending' | 'descending';
  /** A key that chooses it at once while the menu is open, as `widgets/keys.ts` names it. */
  readonly key?: string;
  readonly action?: Action;
  /** What Left and Right do on it. */
  readonly less?: Action;
  readonly more?: Action;
}

/** A question or a list of choices in front of everything else. Choosing closes it, and does the item's action. */
export interface Menu {
  readonly title: DisplayText;
  /** Above the items: what the question is about. */
  readonly text?: readonly DisplayText[];
  readonly items: readonly MenuItem[];
  /** Index of the item under the cursor. */
  readonly selected: number;
  /** What Esc does besides closing: where the menu was opened from another, it opens that again. */
  readonly back?: Action;
}

/** What a key, a click or an event asks for. */
export type Action =
  | BoundAction
  /** A click on a row: selects it; on the selected one: opens it. */
  | { readonly type: 'click-row'; readonly key: string }
  | { readonly type: 'wheel'; readonly panel: 'table' | 'detail' | 'overlay'; readonly by: number }
  /** A click on a header: sorts by it; again: flips. */
  | { readonly type: 'sort-by'; readonly column: ColumnId }
  | { readonly type: 'prompt-key'; readonly key: string }
  /** An earlier line, or a later one. */
  | { readonly type: 'prompt-earlier'; readonly by: number }
  | { readonly type: 'prompt-keep' }
  | { readonly type: 'prompt-cancel' }
  | { readonly type: 'filter-clear' }
  /** This filter alone; none where it is the one in force. */
  | { readonly type: 'filter-toggle'; readonly text: string }
  /** Text came in one piece, not typed. */
  | { readonly type: 'paste'; readonly text: string }
  /** Shows only the host of this heading; without one, all. */
  | { readonly type: 'pick-host'; readonly heading?: string }
  /** Opens one of the menus of F2. */
  | { readonly type: 'setup-page'; readonly place: SetupPlace }
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
  /** A key while a question stands. */
  | { readonly type: 'confirm-key'; readonly key: string }
  /** Opens the inbox with what can be answered now. */
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
