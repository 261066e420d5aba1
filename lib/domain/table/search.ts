import { fold } from '../../text/compare.ts';
import type { Row } from '../board/board.ts';

/** True where a row's title, as the table shows it, holds the text, without case and accents. */
export function titleHolds(row: Row, text: string): boolean {
  return fold(row.session?.title ?? row.process?.cwdText ?? '').includes(fold(text));
}

/** Where in a title the text is found, as indexes from start to end; nothing where it is not. */
export function foundIn(title: string, text: string): readonly [start: number, end: number] | undefined {
  const wanted = fold(text);
  if (wanted === '') return undefined;
  // Folding may change lengths: each folded unit remembers the character it came from.
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
