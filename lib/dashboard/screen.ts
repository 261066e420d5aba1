import type { Board, Row, Trouble } from '../domain/board/board.ts';
import { screenBoard } from '../domain/board/tree.ts';
import type { Action, Effect } from '../domain/ui/action.ts';
import { keyAction } from '../domain/ui/key-action.ts';
import { reduce } from '../domain/ui/reduce.ts';
import type { UiState } from '../domain/ui/ui-state.ts';
import { type DashboardView, paintDashboard } from '../view/dashboard.ts';
import { layOutDashboard } from '../view/dashboard-layout.ts';
import type { FrameInput } from '../view/frame-input.ts';
import type { DetailReader } from './detail-reader.ts';
import type { Enricher } from './enrich-board.ts';

/** The parts that read data for the screen. */
export interface ScreenReaders {
  readonly enricher: Enricher;
  /** Absent for a single frame, which has no detail log open. */
  readonly detail?: Pick<DetailReader, 'content'>;
}

/**
 * The state of the screen: the newest Board, the UI state, and the part of the Board that is shown. Boards and
 * actions come in; effects and frames go out. It knows neither the terminal nor the clock.
 */
export class Screen {
  readonly #readers: ScreenReaders;
  #board: Board;
  #ui: UiState;
  /** The result of `screenBoard`: computed once per Board, and once per action that changes it. */
  #shown: Board;

  constructor(board: Board, ui: UiState, readers: ScreenReaders) {
    this.#readers = readers;
    this.#board = board;
    this.#ui = ui;
    this.#shown = screenBoard(board, ui);
  }

  get board(): Board {
    return this.#board;
  }

  get ui(): UiState {
    return this.#ui;
  }

  /** Takes the Monitor's next Board; `troubles` are shown before the Board's own troubles. */
  show(board: Board, troubles: readonly Trouble[], nowMs: number): void {
    this.#board = this.#readers.enricher.enrich(board, this.#ui, troubles);
    this.act({ type: 'board' }, nowMs);
  }

  /** The action that a key has in the current state: see `keyAction`. */
  actionOf(key: string): ReturnType<typeof keyAction> {
    return keyAction(key, this.#ui, this.#shown);
  }

  /** Applies an action to the state. Returns its effects, which the caller performs. */
  act(action: Action, nowMs: number): readonly Effect[] {
    const input = { board: this.#board, shown: this.#shown, nowMs };
    const { state, shown, effects } = reduce(this.#ui, action, input);
    this.#ui = state;
    this.#shown = shown;
    return effects;
  }

  /** The shown row with this key; undefined for a heading or a key that is not shown. */
  rowOf(key: string | undefined): Row | undefined {
    return this.#shown.rows.find((row) => row.key === key);
  }

  /** Returns one frame: lays it out, reads the data of the visible rows, and paints it. */
  frame(input: FrameInput): DashboardView {
    const layout = layOutDashboard(this.#shown, this.#ui, input);
    this.#nameBranches({ ...this.#ui, viewport: layout.viewport }, input.nowMs);
    const open = layout.openDetail && this.rowOf(this.#ui.selectedKey);
    const detail = this.#readers.detail?.content(open, this.#ui, layout.openDetail, input);
    const view = paintDashboard(layout, this.#shown, this.#ui, { ...input, ...(detail && { detail }) });
    this.#ui = { ...this.#ui, viewport: view.viewport };
    return view;
  }

  /** While otop is paused, the visible rows are those of the frozen Board. */
  #nameBranches(ui: UiState, nowMs: number): void {
    const current = ui.frozen ?? this.#board;
    const named = this.#readers.enricher.nameBranches(current, ui, nowMs);
    if (named === current) return;
    if (ui.frozen) this.#ui = { ...this.#ui, frozen: named };
    else this.#board = named;
    this.#shown = screenBoard(this.#board, this.#ui);
  }
}
