import type { TmuxPane } from '../domain/process/process.ts';
import type { Clock } from '../system/clock.ts';
import type { Run } from '../system/run-program.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { parseSgr, type StyledText, type TextStyle } from '../text/sgr.ts';

/** Often enough to watch someone type; each look is one tmux command. */
const intervalMs = 300;
/** A tmux that hangs, or a pane that is gone. */
const troubleIntervalMs = 3000;

/** Follows the one tmux pane that is on the screen, and only while it is there. */
export class LivePane {
  readonly #run: Run;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #pane: TmuxPane | undefined;
  #shown: PaneCapture | undefined;

  /** `onChange` is called when the pane shows something else than before. */
  constructor(run: Run, clock: Clock, onChange: () => void) {
    this.#run = run;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Follows this pane from now on, or none; gives what it showed last, nothing before the first answer. */
  show(pane: TmuxPane | undefined): PaneCapture | undefined {
    const isSame = pane?.paneId === this.#pane?.paneId && pane?.socketPath === this.#pane?.socketPath;
    if (isSame) return this.#shown;
    this.#pane = pane;
    this.#shown = undefined;
    if (pane) void this.#follow(pane);
    return undefined;
  }

  async #follow(pane: TmuxPane): Promise<void> {
    while (this.#pane === pane) {
      const capture = await capturePane(pane, this.#run);
      if (this.#pane !== pane) return;
      const isChanged = JSON.stringify(capture) !== JSON.stringify(this.#shown);
      this.#shown = capture;
      if (isChanged) this.#onChange();
      await new Promise<void>((resolve) => {
        this.#clock.after(capture.kind === 'lines' ? intervalMs : troubleIntervalMs, resolve);
      });
    }
  }
}

/** What a tmux pane shows now, or why that is not known, in words. */
export type PaneCapture =
  | { readonly kind: 'lines'; readonly lines: readonly (readonly StyledText[])[] }
  | { readonly kind: 'none'; readonly why: DisplayText };

const patienceMs = 1000;
/** A pane of more lines than any screen has: enough is enough. */
const mostLines = 500;

/** Reads what a pane shows, colours included, without its empty lines at the end; never rejects. */
export async function capturePane(pane: TmuxPane, run: Run): Promise<PaneCapture> {
  const args = ['-u', '-S', pane.socketPath, 'capture-pane', '-e', '-p', '-t', pane.paneId];
  const result = await run('tmux', args, { timeoutMs: patienceMs });
  if (result.kind === 'timeout')
    return { kind: 'none', why: sanitize(`tmux at ${pane.socketPath} gives no answer`) };
  if (result.kind !== 'ended' || result.exitCode !== 0)
    return { kind: 'none', why: sanitize(`the pane ${pane.target} is gone`) };
  let style: TextStyle = {};
  const lines = result.stdout.split('\n', mostLines).map((raw) => {
    const parsed = parseSgr(raw, style);
    style = parsed.style;
    return parsed.pieces;
  });
  while (lines.at(-1)?.every(({ text }) => text.trim() === '')) lines.pop();
  return { kind: 'lines', lines };
}
