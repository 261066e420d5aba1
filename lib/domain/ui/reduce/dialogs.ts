import { sanitize } from '../../../text/sanitize.ts';
import type { Menu, MenuItem } from '../action.ts';
import { confirmationAnswer, endConfirmation } from '../confirmation.ts';
import type { UiState } from '../ui-state.ts';
import { noticed, type ReduceInput, type Reducers, type Step, still, without } from './step.ts';

/** What is done only after a person was asked and said yes. */
export const confirmationReducers: Reducers<'confirm-end' | 'confirm-key'> = {
  'confirm-end': (state, _action, input) => still(confirmEnd(state, input)),
  'confirm-key': (state, { key }, input) => answer(state, key, input),
};

function confirmEnd(state: UiState, { shown, nowMs }: ReduceInput): UiState {
  // With those that the filter hides: they stop, too.
  const { rows } = shown;
  const row = rows.find(({ key }) => key === state.selectedKey);
  if (!row?.process) return state;
  const { pid } = row.process;
  const hosted = rows.filter(({ process, host }) => process?.pid === pid && host === row.host);
  return {
    ...without(without(state, 'overlay'), 'menu'),
    confirmation: endConfirmation(row, row.process, hosted, state, nowMs),
  };
}

function answer(state: UiState, key: string, { nowMs }: ReduceInput): Step {
  const { confirmation } = state;
  const said = confirmation && confirmationAnswer(key, confirmation, nowMs);
  if (!confirmation || said === undefined) return still(state);
  const closed = without(state, 'confirmation');
  if (said === 'no') return still(noticed(closed, sanitize('nothing was done'), nowMs));
  const { yes } = confirmation;
  const terminated = yes.type === 'end-process' ? [...state.terminated, yes.key] : state.terminated;
  return { state: { ...closed, terminated }, effects: [yes] };
}

/** The menu in front. What is chosen there follows as an action of its own. */
export const menuReducers: Reducers<'menu' | 'menu-move' | 'menu-choose' | 'menu-close'> = {
  menu: (state, { menu }) => still({ ...state, menu }),
  'menu-move': (state, { by }) => still(move(state, by)),
  'menu-choose': (state, { index }) => choose(state, index ?? state.menu?.selected ?? -1),
  'menu-close': (state) => close(state),
};

function move(state: UiState, by: number): UiState {
  const { menu } = state;
  if (!menu) return state;
  const selected = Math.max(0, Math.min(menu.selected + by, menu.items.length - 1));
  return { ...state, menu: { ...menu, selected } };
}

function choose(state: UiState, index: number): Step {
  const item: MenuItem | undefined = state.menu?.items[index];
  if (item?.action === undefined) return still(state);
  return { ...still(without(state, 'menu')), follow: item.action };
}

function close(state: UiState): Step {
  const menu: Menu | undefined = state.menu;
  return { ...still(without(state, 'menu')), ...(menu?.back && { follow: menu.back }) };
}
