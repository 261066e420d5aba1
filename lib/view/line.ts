import { fitCells, textWidth, truncate } from '../text/width.ts';
import type { SpanStyle, StyleName } from './theme.ts';

/** A piece of a line in one style. Views name what a piece means; only the theme knows colours. */
export interface Span {
  readonly text: string;
  readonly style: SpanStyle;
}

/** One line of a panel; `background` lies under all of it. */
export interface Line {
  readonly spans: readonly Span[];
  readonly background?: StyleName;
}

/** A piece of text in a style; plain where none is named. */
export function span(text: string, style: SpanStyle = 'plain'): Span {
  return { text, style };
}

/** Cells that the pieces take. */
export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((cells, each) => cells + textWidth(each.text), 0);
}

/** The text of a line without its styles. */
export function lineText(of: Line): string {
  return of.spans.map((each) => each.text).join('');
}

/** A line of exactly so many cells: cut with `ellipsis` inside the piece that is too long, or filled with blanks. */
export function fitLine(of: Line, cells: number, ellipsis: string): Line {
  const spans: Span[] = [];
  let room = cells;
  for (const each of of.spans) {
    const width = textWidth(each.text);
    if (width > room) {
      const cut = fitCells(truncate(each.text, room, ellipsis), room);
      return { ...of, spans: [...spans, { text: cut, style: each.style }] };
    }
    spans.push(each);
    room -= width;
  }
  if (room > 0) spans.push(span(' '.repeat(room)));
  return { ...of, spans };
}

/** Pieces at the left and at the right end of a line of so many cells; the left ones are cut where both do not fit. */
export function spread(left: readonly Span[], right: readonly Span[], cells: number, ellipsis: string): Line {
  const rightWidth = spansWidth(right);
  if (rightWidth >= cells) return fitLine({ spans: right }, cells, ellipsis);
  const start = fitLine({ spans: left }, cells - rightWidth, ellipsis);
  return { spans: [...start.spans, ...right] };
}

/** True where two lines show the same. */
export function sameLine(one: Line, other: Line): boolean {
  if (one === other) return true;
  return (
    one.background === other.background &&
    one.spans.length === other.spans.length &&
    one.spans.every(({ text, style }, index) => {
      const against = other.spans[index];
      return text === against?.text && style === against.style;
    })
  );
}
