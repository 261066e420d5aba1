import type { TmuxPane } from '../domain/process/process.ts';
import type { Clock } from '../system/clock.ts';
import type { Run } from '../system/run-program.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { parseSgr, type StyledText, type TextStyle } from '../text/sgr.ts';

/** Short enough to watch someone type; each capture is one tmux command. */
const intervalMs = 300;
/** The interval after a capture failed: tmux hangs, or the pane is gone. */
const failedIntervalMs = 3000;

/** Captures one tmux pane repeatedly while the screen shows it. */
export class LivePane {
  readonly #run: Run;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #pane: TmuxPane | undefined;
  #lastCapture: PaneCapture | undefined;

  /** Calls `onChange` whenever the pane's content changed. */
  constructor(run: Run, clock: Clock, onChange: () => void) {
    this.#run = run;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Follows this pane from now on, or none. Returns its last capture; undefined before the first one. */
  show(pane: TmuxPane | undefined): PaneCapture | undefined {
    const isSame = pane?.paneId === this.#pane?.paneId && pane?.socketPath === this.#pane?.socketPath;
    if (isSame) return this.#lastCapture;
    this.#pane = pane;
    this.#lastCapture = undefined;
    if (pane) void this.#follow(pane);
    return undefined;
  }

  async #follow(pane: TmuxPane): Promise<void> {
    while (this.#pane === pane) {
      const capture = await capturePane(pane, this.#run);
      if (this.#pane !== pane) return;
      const isChanged = JSON.stringify(capture) !== JSON.stringify(this.#lastCapture);
      this.#lastCapture = capture;
      if (isChanged) this.#onChange();
      await new Promise<void>((resolve) => {
        this.#clock.after(capture.kind === 'lines' ? intervalMs : failedIntervalMs, resolve);
      });
    }
  }
}

/** The content of a tmux pane, or the reason (in words) why it could not be captured. */
export type PaneCapture =
  | { readonly kind: 'lines'; readonly lines: readonly (readonly StyledText[])[] }
  | { readonly kind: 'none'; readonly why: DisplayText };

const timeoutMs = 1000;
/** Limits the lines to parse; no screen has more. */
const maxLines = 500;

/** Captures a pane's visible lines with their colours, without trailing empty lines. Never rejects. */
export async function capturePane(pane: TmuxPane, run: Run): Promise<PaneCapture> {
  const args = ['-u', '-S', pane.socketPath, 'capture-pane', '-e', '-p', '-t', pane.paneId];
  const result = await run('tmux', args, { timeoutMs });
  if (result.kind === 'timeout')
    return { kind: 'none', why: sanitize(`tmux at ${pane.socketPath} does not answer`) };
  if (result.kind !== 'ended' || result.exitCode !== 0)
    return { kind: 'none', why: sanitize(`the pane ${pane.target} is gone`) };
  let style: TextStyle = {};
  const lines = result.stdout.split('\n', maxLines).map((raw) => {
    const parsed = parseSgr(raw, style);
    style = parsed.style;
    return parsed.pieces;
  });
  while (lines.at(-1)?.every(({ text }) => text.trim() === '')) lines.pop();
  return { kind: 'lines', lines };
}
