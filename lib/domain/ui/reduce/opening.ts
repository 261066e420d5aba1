import { isHeading } from '../../board/sections.ts';
import { type DetailTab, detailTabs } from '../key-binding.ts';
import type { UiState } from '../ui-state.ts';
import { rearrange, select } from './selection.ts';
import { noEffects, noticed, type ReduceInput, type Reducers, type Step, without } from './step.ts';

/** Reducers of the detail log and its tabs, the overlays, the notice, the ticker and the lines per row. */
export const openingReducers: Reducers<
  'open' | 'click-row' | 'tab' | 'back' | 'overlay' | 'ticker' | 'notice' | 'row-lines'
> = {
  open: (state, _action, { nowMs }) => open(state, nowMs),
  'click-row': (state, { key }, { nowMs }) =>
    key === state.selectedKey ? open(state, nowMs) : noEffects(select(state, key, nowMs)),
  tab: (state, { to }, { nowMs }) => openTab(state, to ?? nextTab(state), nowMs),
  back: (state, _action, input) => noEffects(back(state, input)),
  overlay: (state, { name }) =>
    noEffects(state.overlay === name ? without(state, 'overlay') : { ...state, overlay: name, helpTop: 0 }),
  ticker: (state) => noEffects({ ...state, ticker: !(state.ticker ?? state.settings.ticker) }),
  notice: (state, { text, lastsMs }, { nowMs }) => noEffects(noticed(state, text, nowMs, lastsMs)),
  'row-lines': (state) => noEffects({ ...state, rowLines: nextRowLines[state.rowLines] }),
};

const nextRowLines = { auto: 'two', two: 'one', one: 'auto' } as const;

function open(state: UiState, nowMs: number): Step {
  if (state.selectedKey === undefined || state.focus === 'detail') return noEffects(state);
  if (isHeading(state.selectedKey))
    return { ...noEffects(state), follow: { type: 'fold-host', heading: state.selectedKey } };
  return {
    state: { ...without(state, 'detailTop'), focus: 'detail', movedAtMs: nowMs },
    effects: [{ type: 'seen', key: state.selectedKey }],
  };
}

function openTab(state: UiState, detailTab: DetailTab, nowMs: number): Step {
  if (isHeading(state.selectedKey)) return noEffects(state);
  const { state: opened, effects } = open(state, nowMs);
  return { state: { ...without(opened, 'detailTop'), detailTab }, effects };
}

function nextTab(state: UiState): DetailTab {
  return detailTabs[(detailTabs.indexOf(state.detailTab) + 1) % detailTabs.length] ?? 'log';
}

/**
 * Closes the top layer: confirmation, menu, overlay, detail log, notice, search, filter, or the single host. Never quits.
 * Closing the detail log also clears the notice, since some notices say that Esc goes back.
 */
function back(state: UiState, input: ReduceInput): UiState {
  if (state.confirmation) return without(state, 'confirmation');
  if (state.menu) return without(state, 'menu');
  if (state.overlay) return without(state, 'overlay');
  if (state.focus === 'detail') return closeDetail(without(state, 'notice'), input);
  if (state.notice) return without(state, 'notice');
  if (state.search !== undefined) return without(state, 'search');
  if (state.filter) return rearrange(without(state, 'filter'), input);
  return state.onlyHost === undefined ? state : rearrange(without(state, 'onlyHost'), input);
}

/** Applies the filter again: the row of the open detail log was shown even if it did not match. */
function closeDetail(state: UiState, input: ReduceInput): UiState {
  const table: UiState = { ...without(state, 'detailTop'), focus: 'table' };
  return state.filter ? rearrange(table, input) : table;
}
