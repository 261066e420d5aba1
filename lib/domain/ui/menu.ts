import type { DisplayText } from '../../text/sanitize.ts';
import type { Action, Menu } from './action.ts';

const movements: Readonly<Record<string, Action>> = {
  Down: { type: 'menu-move', by: 1 },
  j: { type: 'menu-move', by: 1 },
  Tab: { type: 'menu-move', by: 1 },
  Up: { type: 'menu-move', by: -1 },
  k: { type: 'menu-move', by: -1 },
  'S-Tab': { type: 'menu-move', by: -1 },
  PgDn: { type: 'menu-move', by: 10 },
  PgUp: { type: 'menu-move', by: -10 },
  Home: { type: 'menu-move', by: Number.NEGATIVE_INFINITY },
  g: { type: 'menu-move', by: Number.NEGATIVE_INFINITY },
  End: { type: 'menu-move', by: Number.POSITIVE_INFINITY },
  G: { type: 'menu-move', by: Number.POSITIVE_INFINITY },
  Enter: { type: 'menu-choose' },
  Space: { type: 'menu-choose' },
  Esc: { type: 'menu-close' },
  q: { type: 'menu-close' },
  'C-c': { type: 'menu-close' },
};

/** Returns the action of a key while a menu is open, or undefined. An item's own key wins over a movement key. */
export function menuAction(menu: Menu, key: string): Action | undefined {
  const index = menu.items.findIndex((item) => item.key === key);
  if (index >= 0) return { type: 'menu-choose', index };
  const item = menu.items[menu.selected];
  if (key === 'Left' || key === 'h') return item?.less;
  if (key === 'Right' || key === 'l') return item?.more;
  return movements[key];
}

/** A key in the key bar. Without an action it is disabled. */
export interface KeyHint {
  readonly key: string;
  readonly label: string;
  readonly action?: Action;
  /** Why it is disabled. */
  readonly reason?: DisplayText;
}

/** Returns the keys of an open menu, for the key bar. */
export function menuHints({ items, selected, back }: Menu): readonly KeyHint[] {
  const item = items[selected];
  return [
    { key: 'Enter', label: 'choose', ...(item?.action && { action: { type: 'menu-choose' } }) },
    ...(item?.less ? [{ key: 'Left', label: 'less', action: item.less }] : []),
    ...(item?.more ? [{ key: 'Right', label: 'more', action: item.more }] : []),
    { key: 'Esc', label: back ? 'back' : 'close', action: { type: 'menu-close' } },
    { key: 'j', label: 'down', action: { type: 'menu-move', by: 1 } },
    { key: 'k', label: 'up', action: { type: 'menu-move', by: -1 } },
  ];
}
