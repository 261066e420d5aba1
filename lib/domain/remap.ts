import { type KeyBinding, keymap } from './keymap.ts';

/** What keys can be bound to: the labels of the key bar and the help. */
export const keyNames: readonly string[] = keymap
  .map(({ label }) => label)
  .filter((label) => label !== 'row');

const specialKeys = 'Enter Esc Tab Space Backspace Up Down Left Right Home End PgUp PgDn Insert Delete'.split(
  ' ',
);

/** Why a key cannot be bound, in words; nothing where it can. */
export function keyProblem(key: string): string | undefined {
  if (key === 'C-c') return 'C-c always quits';
  const bare = key.replace(/^(?:[CMS]-)*(?=.)/, '');
  if ([...bare].length === 1 || specialKeys.includes(bare) || /^F([1-9]|1[0-2])$/.test(bare))
    return undefined;
  return 'no such key; keys are written j, G, C-l, F5, Space, PgUp';
}

/** The key table with keys of the person's own: each key moves to the binding it names, or goes away with null. */
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
