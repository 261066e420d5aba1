import type { UiState } from '../ui-state.ts';
import { moveTo, selectedIndex } from './selection.ts';
import { noEffects, type Reducers } from './step.ts';

/** One row per event, since one turn of the wheel sends several events. */
const wheelRows = 1;
const wheelLines = 3;

/** Reducers of movement keys: they scroll the detail log or an overlay if one is open, else they move the selection. */
export const scrollingReducers: Reducers<'move' | 'page' | 'move-to' | 'wheel'> = {
  move: (state, { by }, { nowMs }) => noEffects(step(state, by, nowMs)),
  page: (state, { pages }, { nowMs }) => {
    const by = Math.trunc(pages * Math.max(1, pageRows(state) - 1)) || Math.sign(pages);
    return noEffects(step(state, by, nowMs));
  },
  'move-to': (state, { index }, { nowMs }) =>
    noEffects(scrolls(state) ? scrollTo(state, endLine(state, index)) : moveTo(state, index, nowMs)),
  wheel: (state, { panel, by }, { nowMs }) => noEffects(wheel(state, panel, by, nowMs)),
};

function step(state: UiState, by: number, nowMs: number): UiState {
  if (!scrolls(state)) return moveTo(state, selectedIndex(state) + by, nowMs);
  return scrollTo(state, (state.overlay ? state.helpTop : detailTop(state)) + by);
}

/** The detail log's first visible line; while it follows its end, the first line of the last frame. */
function detailTop({ detailTop, viewport }: UiState): number {
  return Number.isFinite(detailTop) ? (detailTop ?? 0) : viewport.detailTop;
}

/** The first line can have a negative number, since older messages are read later and placed before it. */
function endLine({ overlay, viewport }: UiState, index: number): number {
  return overlay || index > 0 ? index : viewport.detailFirst;
}

function scrolls(state: UiState): boolean {
  return state.overlay !== undefined || state.focus === 'detail';
}

function pageRows({ overlay, focus, viewport }: UiState): number {
  if (overlay) return viewport.helpRows;
  return focus === 'detail' ? viewport.detailRows : viewport.tableRows;
}

function scrollTo(state: UiState, line: number): UiState {
  return state.overlay ? scrollHelp(state, line) : scrollDetail(state, line);
}

function scrollHelp(state: UiState, line: number): UiState {
  return { ...state, helpTop: clamp(line, state.viewport.helpLines - state.viewport.helpRows) };
}

/** Scrolling to the last line makes the detail log follow its end again. */
function scrollDetail(state: UiState, line: number): UiState {
  const { detailFirst, detailLast } = state.viewport;
  return line >= detailLast && detailLast > detailFirst
    ? { ...state, detailTop: Number.POSITIVE_INFINITY }
    : { ...state, detailTop: Math.max(detailFirst, Math.min(line, detailLast)) };
}

function clamp(line: number, last: number): number {
  return Math.max(0, Math.min(line, Math.max(0, last)));
}

function wheel(state: UiState, panel: 'table' | 'detail' | 'overlay', by: number, nowMs: number): UiState {
  if (panel === 'table') return moveTo(state, selectedIndex(state) + by * wheelRows, nowMs);
  if (panel === 'overlay') return scrollHelp(state, state.helpTop + by * wheelLines);
  return scrollDetail(state, detailTop(state) + by * wheelLines);
}
