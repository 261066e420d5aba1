import { fold } from '../../text/compare.ts';
import type { Row } from '../board/board.ts';

/** True if the row's title in the table contains the text, ignoring case and accents. */
export function titleHolds(row: Row, text: string): boolean {
  return fold(row.session?.title ?? row.process?.cwdText ?? '').includes(fold(text));
}

/** Returns the start and end index of the text in the title, ignoring case and accents, or undefined if it is absent. */
export function foundIn(title: string, text: string): readonly [start: number, end: number] | undefined {
  const wanted = fold(text);
  if (wanted === '') return undefined;
  // Folding may change the length, so each folded unit keeps the index of its original character.
  const origins: number[] = [];
  let folded = '';
  let index = 0;
  for (const character of title) {
    const each = fold(character);
    folded += each;
    for (let unit = 0; unit < each.length; unit++) origins.push(index);
    index += character.length;
  }
  const start = folded.indexOf(wanted);
  if (start < 0) return undefined;
  return [origins[start] ?? 0, origins[start + wanted.length] ?? title.length];
}
