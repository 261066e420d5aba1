const plain = /^[\x20-\x7e]*$/;

/** A text as it is compared in a search: without case and accents. */
export function fold(text: string): string {
  if (plain.test(text)) return text.toLowerCase();
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
