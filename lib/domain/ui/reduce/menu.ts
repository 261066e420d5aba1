import type { Menu, MenuItem } from '../menu.ts';
import type { UiState } from '../ui-state.ts';
import { type Reducers, type Step, still, without } from './step.ts';

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
