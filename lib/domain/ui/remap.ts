import type { KeyBinding } from './key-binding.ts';
import { keymap } from './keymap.ts';

/** Names that the configuration can bind keys to: the labels of the bindings. */
export const keyNames: readonly string[] = keymap
  .map(({ label }) => label)
  .filter((label) => label !== 'row');

/** Regular expression for keys that can be bound. `C-c` is excluded, since it always quits. */
export const keyPattern =
  '^(?!C-c$)([CMS]-)*(.|F([1-9]|1[0-2])|Enter|Esc|Tab|Space|Backspace|Up|Down|Left|Right|Home|End|PgUp|PgDn|Insert|Delete)$';

/** Returns the key table with configured keys: each key moves to the binding with that label; null removes the key. */
export function remapped(keys: Readonly<Record<string, string | null>>): readonly KeyBinding[] {
  const own = Object.entries(keys);
  if (own.length === 0) return keymap;
  return keymap.map((binding) => {
    const { shown: _shown, ...rest } = binding;
    const kept = binding.keys.filter((key) => !Object.hasOwn(keys, key));
    const added = own.filter(([, label]) => label === binding.label).map(([key]) => key);
    const isSame = kept.length === binding.keys.length && added.length === 0;
    return isSame ? binding : { ...rest, keys: [...added, ...kept] };
  });
}
