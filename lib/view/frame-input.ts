import type { DetailTab } from '../domain/ui/key-binding.ts';
import type { DisplayText } from '../text/sanitize.ts';
import type { Glyphs } from './glyphs.ts';
import type { Line } from './line.ts';

/** otop's own resource use, for the key bar. */
export interface OwnUse {
  readonly cpuPercent?: number;
  readonly rssBytes?: number;
  /** Milliseconds from a key or a Board to the finished frame. */
  readonly frameMs?: number;
}

/** The visible lines of a long text, and its scroll bounds. */
export interface WindowView {
  readonly lines: readonly Line[];
  /** Number of the first visible line. */
  readonly top: number;
  /** Minimum and maximum of `top`; unbounded while more can be read in that direction. */
  readonly first: number;
  readonly last: number;
  /** The first and last visible message, counted from 1; undefined if no message is visible. */
  readonly messages?: readonly [first: number, last: number];
}

/** The body of the open detail log: a complete text, or the visible part of a conversation that is read while scrolling. */
export type DetailBody =
  | {
      readonly kind: 'text';
      /** Unwrapped lines. With `cut` they are truncated like a terminal's lines, otherwise they are wrapped. */
      readonly lines: readonly Line[];
      readonly cut?: boolean;
      /** True if the end is shown until the person scrolls. */
      readonly followEnd?: boolean;
    }
  | { readonly kind: 'window'; readonly view: WindowView; readonly messageCount: number };

/** Data of the selected session that is not on the Board, such as its messages or its pane. */
export interface DetailContent {
  /** Key of its row; the content is shown only while that row is selected. */
  readonly key: string;
  readonly tabs: readonly {
    readonly name: DetailTab;
    readonly label: DisplayText;
    readonly active: boolean;
  }[];
  readonly body: DetailBody;
}

/** Everything that a frame depends on besides the Board and the UI state. */
export interface FrameInput {
  readonly cols: number;
  readonly rows: number;
  readonly nowMs: number;
  /** Offset of the shown times from UTC; positive east of it. */
  readonly utcOffsetMinutes: number;
  readonly glyphs: Glyphs;
  readonly self?: OwnUse;
  readonly detail?: DetailContent;
}
