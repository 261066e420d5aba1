import type { Board } from '../board/board.ts';
import type { Action } from './action.ts';
import type { KeyBinding } from './key-binding.ts';
import { menuAction } from './menu.ts';
import { promptAction } from './prompt.ts';
import type { UiState } from './ui-state.ts';

/** Keys that work even while a menu or a prompt is open. */
const globalKeys: ReadonlySet<string> = new Set(['C-l', 'C-z', 'F10']);

/** Actions that need nothing on the screen. */
const screenlessActions: ReadonlySet<Action['type']> = new Set(['quit', 'suspend', 'redraw', 'refresh']);

/**
 * Returns the action of a key, the reason why it is disabled, or undefined if the key has no meaning. An open
 * confirmation gets every key. On a terminal that is too small to show one, no key opens or answers it.
 */
export function keyAction(
  key: string,
  ui: UiState,
  board: Board,
): { readonly action: Action } | { readonly disabled: string } | undefined {
  if (ui.viewport.tooSmall) return tooSmallAction(key, ui);
  if (ui.confirmation) return { action: { type: 'confirm-key', key } };
  if (ui.prompt && !globalKeys.has(key)) return { action: promptAction(key) };
  if (ui.menu && !globalKeys.has(key)) {
    const action = menuAction(ui.menu, key);
    return action && { action };
  }
  const binding = ui.keymap.find(({ keys }) => keys.includes(key));
  if (!binding) return undefined;
  const reason = disabledReason(binding, ui, board);
  return reason === undefined ? { action: binding.action(key, ui) } : { disabled: reason };
}

function tooSmallAction(
  key: string,
  ui: UiState,
): { readonly action: Action } | { readonly disabled: string } {
  const action = ui.keymap.find(({ keys }) => keys.includes(key))?.action(key, ui);
  return action && screenlessActions.has(action.type)
    ? { action }
    : { disabled: 'the terminal is too small to show the effect of this key' };
}

/** Returns the reason why a key is disabled, or undefined if it works. */
export function disabledReason(binding: KeyBinding, ui: UiState, board: Board): string | undefined {
  if (ui.overlay && !binding.overOverlay) return 'a window covers this view: Esc closes it';
  const enabled = binding.enabled?.(ui, board) ?? true;
  return enabled === true ? undefined : enabled;
}

/** Returns a binding's keys as the help writes them: `? F1`, `1-9`, `Ctrl-L`. */
export function shownKeys(binding: KeyBinding): string {
  return (
    binding.shown ??
    binding.keys
      .map((key) => key.replace(/^C-(.)/, (_all, letter: string) => `Ctrl-${letter.toUpperCase()}`))
      .join(' ')
  );
}
