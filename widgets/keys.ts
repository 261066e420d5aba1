/** Usual names of keys, by blessed's names. */
const names: Readonly<Record<string, string>> = {
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  space: 'Space',
  backspace: 'Backspace',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  home: 'Home',
  end: 'End',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  insert: 'Insert',
  delete: 'Delete',
};

/** A key press as reported by blessed, with its field names. */
export interface KeyPress {
  readonly name?: string | undefined;
  readonly ch?: string | undefined;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly shift?: boolean;
}

/**
 * Returns the key's name in the keymap's notation: `j`, `G`, `?`, `C-l`, `S-Tab`, `F10`. Returns undefined for an event
 * that must be ignored: blessed reports Enter twice, as `enter` and `return`.
 */
export function keyName(ch: string | undefined, press: KeyPress | undefined): string | undefined {
  const name = press?.name;
  if (name === 'return' || name === 'undefined' || name === 'linefeed') return undefined;
  if (name === undefined) return ch ?? press?.ch;
  const special = names[name] ?? (/^f\d+$/.test(name) ? name.toUpperCase() : undefined);
  const letter = press?.shift && special === undefined ? name.toUpperCase() : name;
  const shift = press?.shift && special !== undefined ? 'S-' : '';
  return `${press?.ctrl ? 'C-' : ''}${press?.meta ? 'M-' : ''}${shift}${special ?? letter}`;
}
