import type { Board, Row } from '../domain/board/board.ts';
import { keysInSight } from '../domain/board/tree.ts';
import type { TmuxPane } from '../domain/process/process.ts';
import { otherHosts } from '../domain/process/whereabouts.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import type { Clock } from '../system/clock.ts';
import type { Run } from '../system/run-program.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';

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

const patienceMs = 1000;
/** Stands between two panes' texts; no opencode prints it on a line of its own. */
const separator = '=====otop=====';

/**
 * The visible text of several panes of one tmux server, as lines by pane id, read by one command whatever their
 * number. A pane that is gone ends the command: those after it are left out, and so are all where tmux gives no answer.
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
  const result = await run('tmux', ['-u', '-S', socketPath, ...commands], { timeoutMs: patienceMs });
  if (result.kind !== 'ended') return new Map();
  const texts = result.stdout.split(`${separator}\n`).slice(0, -1);
  return new Map(
    texts.flatMap((text, index) => {
      const pane = panes[index];
      return pane === undefined ? [] : [[pane.paneId, text.split('\n')] as const];
    }),
  );
}

/** The line under an answer that is being written: `▣  Build · model`. */
const footer = /^ {2,8}▣ /;
/** Prompts, tool calls and the input stand in blocks with a bar; an answer's text has none. */
const block = /^ {0,8}[┃╹╻]/;
/** Text begins here at the latest, indented code included; what begins further right is the side bar. */
const mostIndent = 40;
/** The scroll bar and the side bar stand this far behind the text; no prose has such a gap. */
const beside = /(?: {3,}| *█).*$/;

/**
 * The last line of text that an opencode TUI shows of the answer it is writing, from its screen's lines: the words
 * above the answer's footer, in every version from 1.2.27 to 1.18.33 (opencode.md, "TUI screen"). Undefined where there is no
 * such text yet, or where the screen is scrolled away from it.
 */
export function streamedLine(lines: readonly string[]): string | undefined {
  for (let at = lines.findLastIndex((line) => footer.test(line)) - 1; at >= 0; at--) {
    const line = lines[at] ?? '';
    if (block.test(line)) return undefined;
    const start = line.search(/[^ █]/);
    const text = start < 0 || start > mostIndent ? '' : line.slice(start).replace(beside, '');
    if (text !== '') return text;
  }
  return undefined;
}
