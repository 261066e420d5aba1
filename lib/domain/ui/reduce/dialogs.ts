import { sanitize } from '../../../text/sanitize.ts';
import type { Menu, MenuItem } from '../action.ts';
import { confirmationAnswer, endConfirmation } from '../confirmation.ts';
import type { UiState } from '../ui-state.ts';
import { noEffects, noticed, type ReduceInput, type Reducers, type Step, without } from './step.ts';

/** Reducers of the yes/no dialog to end a process, and of the keys in any yes/no dialog. */
export const confirmationReducers: Reducers<'confirm-end' | 'confirm-key'> = {
  'confirm-end': (state, _action, input) => noEffects(confirmEnd(state, input)),
  'confirm-key': (state, { key }, input) => pressConfirmKey(state, key, input),
};

function confirmEnd(state: UiState, { shown, nowMs }: ReduceInput): UiState {
  // Includes sessions that the filter hides: ending the process stops them too.
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

function pressConfirmKey(state: UiState, key: string, { nowMs }: ReduceInput): Step {
  const { confirmation } = state;
  const answer = confirmation && confirmationAnswer(key, confirmation, nowMs);
  if (!confirmation || answer === undefined) return noEffects(state);
  const closed = without(state, 'confirmation');
  if (answer === 'no') return noEffects(noticed(closed, sanitize('nothing was done'), nowMs));
  const { yes } = confirmation;
  const terminated = yes.type === 'end-process' ? [...state.terminated, yes.key] : state.terminated;
  return { state: { ...closed, terminated }, effects: [yes] };
}

/** Reducers of the open menu. Choosing an item runs the item's action next. */
export const menuReducers: Reducers<'menu' | 'menu-move' | 'menu-choose' | 'menu-close'> = {
  menu: (state, { menu }) => noEffects({ ...state, menu }),
  'menu-move': (state, { by }) => noEffects(move(state, by)),
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
  if (item?.action === undefined) return noEffects(state);
  return { ...noEffects(without(state, 'menu')), follow: item.action };
}

function close(state: UiState): Step {
  const menu: Menu | undefined = state.menu;
  return { ...noEffects(without(state, 'menu')), ...(menu?.back && { follow: menu.back }) };
}
