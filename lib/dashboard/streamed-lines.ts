import type { Board, Row } from '../domain/board/board.ts';
import { keysInSight } from '../domain/board/tree.ts';
import type { TmuxPane } from '../domain/process/process.ts';
import { otherHosts } from '../domain/process/whereabouts.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { Clock } from '../system/clock.ts';
import type { Run } from '../system/run-program.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';

/** Each capture is one tmux command for all panes of a tmux server; opencode does not notice it. */
const intervalMs = 3000;
/** From the second capture in a row without a change on, the interval doubles up to this. */
const maxIntervalMs = 12_000;

/**
 * The text that models are writing now, captured from the tmux panes of visible rows that are generating. The
 * database has a text only after it is complete.
 */
export class StreamedLines {
  readonly #run: Run;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  /** The last line by row key; rows that stopped generating are dropped. */
  #lines = new Map<string, DisplayText>();
  /** The row keys of the last capture. */
  #capturedKeys: ReadonlySet<string> = new Set();
  #capturedAtMs = Number.NEGATIVE_INFINITY;
  #unchangedCaptures = 0;

  /** Calls `onChange` when the line of a row changed. */
  constructor(run: Run, clock: Clock, onChange: () => void) {
    this.#run = run;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Returns the Board with the lines captured last; starts a new capture if the last one is old enough. */
  addTo(board: Board, ui: UiState): Board {
    const shown = keysInSight(ui);
    const remote = otherHosts(board);
    const streaming = board.rows.filter(
      ({ key, state, host }) => state.name === 'generating' && shown.has(key) && !remote.has(host),
    );
    this.#lines = new Map([...this.#lines].filter(([key]) => streaming.some((row) => row.key === key)));
    if (streaming.length === 0) return board;
    if (streaming.some(({ key }) => !this.#capturedKeys.has(key))) this.#unchangedCaptures = 0;
    const waitMs = Math.min(intervalMs * 2 ** Math.max(0, this.#unchangedCaptures - 1), maxIntervalMs);
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#capturedAtMs + waitMs) {
      this.#capturedAtMs = nowMs;
      this.#capturedKeys = new Set(streaming.map(({ key }) => key));
      void this.#capture(streaming);
    }
    if (this.#lines.size === 0) return board;
    const withLine = (row: Row): Row => {
      const streamed = this.#lines.get(row.key);
      return streamed === undefined ? row : { ...row, streamed };
    };
    return { ...board, rows: board.rows.map(withLine) };
  }

  async #capture(rows: readonly Row[]): Promise<void> {
    const bySocket = new Map<string, { readonly key: string; readonly pane: TmuxPane }[]>();
    for (const { key, process } of rows) {
      const pane = process?.pane;
      if (pane === undefined) continue;
      bySocket.set(pane.socketPath, [...(bySocket.get(pane.socketPath) ?? []), { key, pane }]);
    }
    const lines = new Map<string, DisplayText>();
    const captures = [...bySocket].map(async ([socketPath, captured]) => {
      const texts = await capturePanes(
        socketPath,
        captured.map(({ pane }) => pane),
        this.#run,
      );
      for (const { key, pane } of captured) {
        const line = sanitize(streamedLine(texts.get(pane.paneId) ?? []) ?? '');
        if (line !== '') lines.set(key, line);
      }
    });
    await Promise.all(captures);
    const isChanged = [...lines].some(([key, line]) => this.#lines.get(key) !== line);
    this.#lines = lines;
    this.#unchangedCaptures = isChanged ? 0 : this.#unchangedCaptures + 1;
    if (isChanged) this.#onChange();
  }
}

const timeoutMs = 1000;
/** Separates the texts of two panes; opencode never prints it on a line of its own. */
const separator = '=====otop=====';

/**
 * Captures the visible lines of several panes of one tmux server with one command; returns them by pane id. tmux
 * stops at a pane that is gone, so the panes after it are missing; the map is empty if tmux fails.
 */
async function capturePanes(
  socketPath: string,
  panes: readonly TmuxPane[],
  run: Run,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const commands = panes.flatMap(({ paneId }) => [
    ...['capture-pane', '-p', '-t', paneId, ';'],
    ...['display-message', '-p', separator, ';'],
  ]);
  const result = await run('tmux', ['-u', '-S', socketPath, ...commands], { timeoutMs });
  if (result.kind !== 'ended') return new Map();
  const texts = result.stdout.split(`${separator}\n`).slice(0, -1);
  return new Map(
    texts.flatMap((text, index) => {
      const pane = panes[index];
      return pane === undefined ? [] : [[pane.paneId, text.split('\n')] as const];
    }),
  );
}

/** The line below the message that is being written: `▣  Build · model`. */
const answerFooter = /^ {2,8}▣ /;
/** Prompts, tool calls and the input have a bar at the left; the model's text has none. */
const barredBlock = /^ {0,8}[┃╹╻]/;
/** A line that begins further right than this many cells belongs to the side bar; text and code begin earlier. */
const maxIndent = 40;
/** The scroll bar, or three spaces and the side bar, after the text; prose has no such gap. */
const rightOfText = /(?: {3,}| *█).*$/;

/**
 * Returns the last line of the message that an opencode TUI is writing, from its screen's lines: the text above the
 * message's footer, in every version from 1.2.27 to 1.18.33 (opencode.md, "TUI screen"). Undefined if there is no
 * text yet, or if the user scrolled it out of view.
 */
export function streamedLine(lines: readonly string[]): string | undefined {
  for (let at = lines.findLastIndex((line) => answerFooter.test(line)) - 1; at >= 0; at--) {
    const line = lines[at] ?? '';
    if (barredBlock.test(line)) return undefined;
    const start = line.search(/[^ █]/);
    const text = start < 0 || start > maxIndent ? '' : line.slice(start).replace(rightOfText, '');
    if (text !== '') return text;
  }
  return undefined;
}
