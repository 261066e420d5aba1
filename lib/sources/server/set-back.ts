/** Every time in a value (`…AtMs`, `sinceMs`) set back by so much: another machine's times in ours. */
export function setBack<T>(value: T, byMs: number): T {
  if (Array.isArray(value)) return value.map((each) => setBack(each, byMs)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => {
    const isTime = typeof field === 'number' && /AtMs$|^sinceMs$/.test(key);
    return [key, isTime ? field - byMs : setBack(field, byMs)] as const;
  });
  return Object.fromEntries(entries) as T;
}
