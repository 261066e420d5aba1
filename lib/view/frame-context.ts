import type { DetailTab } from '../domain/ui-state.ts';
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

/** More about the selected session than the Board holds: its messages, its pane. */
export interface DetailContent {
  /** The row it belongs to; shown only while that row is selected. */
  readonly key: string;
  readonly tabs: readonly {
    readonly name: DetailTab;
    readonly label: DisplayText;
    readonly active: boolean;
  }[];
  /** Unwrapped. */
  readonly lines: readonly Line[];
  /** True for a log that grows: its end is shown until someone scrolls. */
  readonly followEnd: boolean;
}

/** Everything a frame depends on besides the Board and the state of the screen. */
export interface FrameContext {
  readonly cols: number;
  readonly rows: number;
  readonly nowMs: number;
  /** Of the place where the clock is read, east of UTC. */
  readonly utcOffsetMinutes: number;
  readonly glyphs: Glyphs;
  readonly self?: OwnUse;
  readonly detail?: DetailContent;
}
