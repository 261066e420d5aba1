import type { Board, Row } from '../domain/board/board.ts';
import { keysInSight } from '../domain/board/rows-in-sight.ts';
import { otherHosts } from '../domain/process/elsewhere.ts';
import type { TmuxPane } from '../domain/process/process.ts';
import { streamedLine } from '../domain/session/streamed-line.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { Clock } from '../system/clock.ts';
import type { Run } from '../system/run-program.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { capturePanes } from './desktop/pane-texts.ts';

/** Each look is one tmux command for all panes of a server; opencode itself takes no notice. */
const intervalMs = 3000;
/** Where the second look in a row found nothing new, as of a pane that shows something else, each comes after twice the time. */
const longestIntervalMs = 12_000;

/**
 * What models write at this moment, from the panes of those rows that are on the screen and stream: the database has a
 * text only once it is whole.
 */
export class StreamedLines {
  readonly #run: Run;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  /** By row; what was read for rows that stream no more is dropped. */
  #lines = new Map<string, DisplayText>();
  /** The rows of the last look. */
  #asked: ReadonlySet<string> = new Set();
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #vainLooks = 0;

  /** `onChange` is called when a row's line is another than before. */
  constructor(run: Run, clock: Clock, onChange: () => void) {
    this.#run = run;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** The Board with the lines that were read last; reads them anew where the last look is old enough. */
  on(board: Board, ui: UiState): Board {
    const shown = keysInSight(ui);
    const remote = otherHosts(board);
    const streaming = board.rows.filter(
      ({ key, state, host }) => state.name === 'generating' && shown.has(key) && !remote.has(host),
    );
    this.#lines = new Map([...this.#lines].filter(([key]) => streaming.some((row) => row.key === key)));
    if (streaming.length === 0) return board;
    if (streaming.some(({ key }) => !this.#asked.has(key))) this.#vainLooks = 0;
    const patienceMs = Math.min(intervalMs * 2 ** Math.max(0, this.#vainLooks - 1), longestIntervalMs);
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#askedAtMs + patienceMs) {
      this.#askedAtMs = nowMs;
      this.#asked = new Set(streaming.map(({ key }) => key));
      void this.#look(streaming);
    }
    if (this.#lines.size === 0) return board;
    const withLine = (row: Row): Row => {
      const streamed = this.#lines.get(row.key);
      return streamed === undefined ? row : { ...row, streamed };
    };
    return { ...board, rows: board.rows.map(withLine) };
  }

  async #look(rows: readonly Row[]): Promise<void> {
    const bySocket = new Map<string, { readonly key: string; readonly pane: TmuxPane }[]>();
    for (const { key, process } of rows) {
      const pane = process?.pane;
      if (pane === undefined) continue;
      bySocket.set(pane.socketPath, [...(bySocket.get(pane.socketPath) ?? []), { key, pane }]);
    }
    const lines = new Map<string, DisplayText>();
    const looks = [...bySocket].map(async ([socketPath, places]) => {
      const texts = await capturePanes(
        socketPath,
        places.map(({ pane }) => pane),
        this.#run,
      );
      for (const { key, pane } of places) {
        const line = sanitize(streamedLine(texts.get(pane.paneId) ?? []) ?? '');
        if (line !== '') lines.set(key, line);
      }
    });
    await Promise.all(looks);
    const isChanged = [...lines].some(([key, line]) => this.#lines.get(key) !== line);
    this.#lines = lines;
    this.#vainLooks = isChanged ? 0 : this.#vainLooks + 1;
    if (isChanged) this.#onChange();
  }
}
