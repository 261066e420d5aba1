/** One step of the film's keyboard script. */
export type FilmStep =
  /** The sentence below the terminal until the next one. The keys pressed meanwhile are shown beside it. */
  | { readonly caption: string }
  | { readonly waitMs: number }
  /** Waits until this many sessions ask, at most `limitMs`; building the film fails if they do not. */
  | { readonly untilAsking: number; readonly limitMs: number }
  /** Presses a key, once or `times` times, with a wait of `everyMs` after each. */
  | { readonly press: string; readonly times?: number; readonly everyMs: number }
  /** Types a text, with a wait of `everyMs` after each character. */
  | { readonly type: string; readonly everyMs: number }
  /** Marks the frame that is shown where nothing may move. */
  | { readonly still: true };

/** The simulated fleet of a film, and what happens before its first frame. */
export interface FilmSet {
  readonly seed: number;
  /** When the demo opens, epoch ms. */
  readonly openingMs: number;
  /** Three sessions ask when the demo opens. They are answered so many ms later, off camera. */
  readonly answersAtMs: number;
  /** The first frame, in ms after the opening. */
  readonly startsAtMs: number;
  readonly cols: number;
  readonly rows: number;
}

/**
 * With this seed a session asks 11 s after the first frame, and none before. A README of GitHub is about 830 pixels wide:
 * with 110 columns a cell is 7.5 pixels wide there, the size of GitHub's own code; the gauges need 110 columns.
 */
export const set: FilmSet = {
  seed: 2289,
  openingMs: Date.UTC(2026, 10, 30, 14, 5, 0),
  answersAtMs: 18_000,
  startsAtMs: 28_700,
  cols: 110,
  rows: 32,
};

/** The keyboard script: a tour of twenty seconds. */
export const storyboard: readonly FilmStep[] = [
  { caption: 'Every opencode session on one screen' },
  { waitMs: 2000 },
  { caption: 'Scroll' },
  { press: 'j', times: 8, everyMs: 170 },
  { waitMs: 500 },
  { caption: 'Read what one did' },
  { press: 'Enter', everyMs: 1200 },
  { press: 'k', times: 5, everyMs: 150 },
  { waitMs: 700 },
  { press: 'Esc', everyMs: 700 },
  { caption: 'Filter' },
  { press: '/', everyMs: 400 },
  { type: 'model:opus', everyMs: 90 },
  { press: 'Enter', everyMs: 1500 },
  { press: 'Esc', everyMs: 600 },
  { untilAsking: 1, limitMs: 4000 },
  { caption: 'One asks for permission: go to it' },
  { waitMs: 1200 },
  { press: 'w', everyMs: 600 },
  { still: true },
  { waitMs: 600 },
  { caption: 'Answer it from here' },
  { press: 'i', everyMs: 1300 },
  { press: 'Enter', everyMs: 1300 },
  { press: '1', everyMs: 800 },
  { caption: 'It goes on' },
  { waitMs: 3000 },
];
