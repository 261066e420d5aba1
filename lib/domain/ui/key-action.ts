import type { Board } from '../board/board.ts';
import type { Action } from './action.ts';
import type { KeyBinding } from './key-binding.ts';
import { menuAction } from './menu.ts';
import { promptAction } from './prompt.ts';
import type { UiState } from './ui-state.ts';

/** What lies in front does not matter to these. */
const alwaysThere: ReadonlySet<string> = new Set(['C-l', 'C-z', 'F10']);

/** What needs nothing on the screen. */
const blind: ReadonlySet<Action['type']> = new Set(['quit', 'suspend', 'redraw', 'refresh']);

/**
 * What a key does now: its action, the reason why not, or nothing where the key means nothing. While a question stands,
 * every key answers it. On a terminal that is too small to show either, no key asks or answers anything.
 */
export function keyAction(
  key: string,
  ui: UiState,
  board: Board,
): { readonly action: Action } | { readonly disabled: string } | undefined {
  if (ui.viewport.tooSmall) return blindAction(key, ui);
  if (ui.confirmation) return { action: { type: 'confirm-key', key } };
  if (ui.prompt && !alwaysThere.has(key)) return { action: promptAction(key) };
  if (ui.menu && !alwaysThere.has(key)) {
    const action = menuAction(ui.menu, key);
    return action && { action };
  }
  const binding = ui.keymap.find(({ keys }) => keys.includes(key));
  if (!binding) return undefined;
  const reason = disabledReason(binding, ui, board);
  return reason === undefined ? { action: binding.action(key, ui) } : { disabled: reason };
}

function blindAction(key: string, ui: UiState): { readonly action: Action } | { readonly disabled: string } {
  const action = ui.keymap.find(({ keys }) => keys.includes(key))?.action(key, ui);
  return action && blind.has(action.type)
    ? { action }
    : { disabled: 'the terminal is too small to show what that would do' };
}

/** Why a key does nothing now, in words; nothing where it works. */
export function disabledReason(binding: KeyBinding, ui: UiState, board: Board): string | undefined {
  if (ui.overlay && !binding.overOverlay) return 'something is in front: Esc goes back';
  const enabled = binding.enabled?.(ui, board) ?? true;
  return enabled === true ? undefined : enabled;
}

/** How a binding's keys are written for people: `? F1`, `1-9`, `Ctrl-L`. */
export function shownKeys(binding: KeyBinding): string {
  return (
    binding.shown ??
    binding.keys
      .map((key) => key.replace(/^C-(.)/, (_all, letter: string) => `Ctrl-${letter.toUpperCase()}`))
      .join(' ')
  );
}
