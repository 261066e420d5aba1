import type { TmuxPane } from '../domain/process/process.ts';
import type { Clock } from '../system/clock.ts';
import type { Run } from '../system/run-program.ts';
import { capturePane, type PaneCapture } from './desktop/pane-capture.ts';

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
