import { isHeading } from '../../board/sections.ts';
import { type DetailTab, detailTabs } from '../key-binding.ts';
import type { UiState } from '../ui-state.ts';
import { rearrange, select } from './selection.ts';
import { noticed, type ReduceInput, type Reducers, type Step, still, without } from './step.ts';

/** What lies in front: the detail log and its tabs, the help, a notice; and the lines of a row. */
export const openingReducers: Reducers<
  'open' | 'click-row' | 'tab' | 'back' | 'overlay' | 'ticker' | 'notice' | 'row-lines'
> = {
  open: (state, _action, { nowMs }) => open(state, nowMs),
  'click-row': (state, { key }, { nowMs }) =>
    key === state.selectedKey ? open(state, nowMs) : still(select(state, key, nowMs)),
  tab: (state, { to }, { nowMs }) => turnTo(state, to ?? nextTab(state), nowMs),
  back: (state, _action, input) => still(back(state, input)),
  overlay: (state, { name }) =>
    still(state.overlay === name ? without(state, 'overlay') : { ...state, overlay: name, helpTop: 0 }),
  ticker: (state) => still({ ...state, ticker: !(state.ticker ?? state.settings.ticker) }),
  notice: (state, { text }, { nowMs }) => still(noticed(state, text, nowMs)),
  'row-lines': (state) => still({ ...state, rowLines: nextRowLines[state.rowLines] }),
};

const nextRowLines = { auto: 'two', two: 'one', one: 'auto' } as const;

function open(state: UiState, nowMs: number): Step {
  if (state.selectedKey === undefined || state.focus === 'detail') return still(state);
  if (isHeading(state.selectedKey))
    return { ...still(state), follow: { type: 'fold-host', heading: state.selectedKey } };
  return {
    state: { ...without(state, 'detailTop'), focus: 'detail', movedAtMs: nowMs },
    effects: [{ type: 'seen', key: state.selectedKey }],
  };
}

function turnTo(state: UiState, detailTab: DetailTab, nowMs: number): Step {
  if (isHeading(state.selectedKey)) return still(state);
  const { state: opened, effects } = open(state, nowMs);
  return { state: { ...without(opened, 'detailTop'), detailTab }, effects };
}

function nextTab(state: UiState): DetailTab {
  return detailTabs[(detailTabs.indexOf(state.detailTab) + 1) % detailTabs.length] ?? 'log';
}

/**
 * Peels one layer: question, menu, overlay, detail, notice, search, filter, the one host. Never quits. A notice over the
 * detail log goes with it: some say that Esc leads back.
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

/** The row that was open may be one that the filter hides. */
function closeDetail(state: UiState, input: ReduceInput): UiState {
  const table: UiState = { ...without(state, 'detailTop'), focus: 'table' };
  return state.filter ? rearrange(table, input) : table;
}
