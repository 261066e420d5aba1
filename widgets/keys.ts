/** blessed's names for keys that have a usual one. */
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

/** What blessed says of a key press; fields as it has them. */
export interface KeyPress {
  readonly name?: string | undefined;
  readonly ch?: string | undefined;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly shift?: boolean;
}

/**
 * The key's name as the keymap writes it: `j`, `G`, `?`, `C-l`, `S-Tab`, `F10`. Nothing for what is not a key press of
 * its own: blessed reports Enter twice, as `enter` and `return`.
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
