import type { DetailTab } from '../domain/ui/key-binding.ts';
import type { DisplayText } from '../text/sanitize.ts';
import type { Glyphs } from './glyphs.ts';
import type { Line } from './line.ts';

/** otop's own cost, for the key bar. */
export interface OwnUse {
  readonly cpuPercent?: number;
  readonly rssBytes?: number;
  /** From a key or a Board to the finished frame. */
  readonly frameMs?: number;
}

/** The lines of a long text that are in sight, laid out, and how far it can be scrolled. */
export interface WindowView {
  readonly lines: readonly Line[];
  /** Number of the first line in sight. */
  readonly top: number;
  /** Numbers of the first line and of the last possible top; without bound where more can be read. */
  readonly first: number;
  readonly last: number;
  /** The first and the last message in sight, counted from 1; absent where there is none. */
  readonly messages?: readonly [first: number, last: number];
}

/** What the open detail log shows: a text as a whole, or the part in sight of one that is read as it is scrolled. */
export type DetailBody =
  | {
      readonly kind: 'text';
      /** Unwrapped; with `cut` they are not wrapped but cut, as a terminal's own lines are. */
      readonly lines: readonly Line[];
      readonly cut?: boolean;
      /** True where its end is shown until someone scrolls. */
      readonly followEnd?: boolean;
    }
  | { readonly kind: 'window'; readonly view: WindowView; readonly messageCount: number };

/** More about the selected session than the Board holds: its messages, its pane. */
export interface DetailContent {
  /** The row it belongs to; shown only while that row is selected. */
  readonly key: string;
  readonly tabs: readonly {
    readonly name: DetailTab;
    readonly label: DisplayText;
    readonly active: boolean;
  }[];
  readonly body: DetailBody;
}

/** Everything a frame depends on besides the Board and the state of the screen. */
export interface FrameInput {
  readonly cols: number;
  readonly rows: number;
  readonly nowMs: number;
  /** Of the place where the clock is read, east of UTC. */
  readonly utcOffsetMinutes: number;
  readonly glyphs: Glyphs;
  readonly self?: OwnUse;
  readonly detail?: DetailContent;
}
