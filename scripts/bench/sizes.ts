const units: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9 };

/** Parses sizes like `10M,1G` and returns bytes. Throws for any other text. */
export function sizesOf(list: string): number[] {
  return list.split(',').map((text) => {
    const [, count, unit] = /^(\d+(?:\.\d+)?)([KMG])$/.exec(text.trim()) ?? [];
    const bytes = Number(count) * (units[unit ?? ''] ?? Number.NaN);
    if (!(bytes > 0)) throw new Error(`not a size: ${text} (10M, 1G, ...)`);
    return bytes;
  });
}

/** Formats bytes as `10 MB` or `1.1 GB`. */
export function sizeLabel(bytes: number): string {
  const [unit, name] = bytes >= 1e9 ? [1e9, 'GB'] : [1e6, 'MB'];
  return `${Number((bytes / unit).toFixed(1))} ${name}`;
}
