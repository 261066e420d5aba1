import { fitCells, textWidth, truncate } from '../text/width.ts';
import type { SpanStyle, StyleName } from './theme.ts';

/** A part of a line in one style. A view names the meaning of a part; only the theme knows its colours. */
export interface Span {
  readonly text: string;
  readonly style: SpanStyle;
}

/** One line of a panel. `background` applies to the whole line. */
export interface Line {
  readonly spans: readonly Span[];
  readonly background?: StyleName;
}

/** Returns a span; its default style is `plain`. */
export function span(text: string, style: SpanStyle = 'plain'): Span {
  return { text, style };
}

/** Returns the width of the spans in cells. */
export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((cells, each) => cells + textWidth(each.text), 0);
}

/** Returns the text of a line without styles. */
export function lineText(of: Line): string {
  return of.spans.map((each) => each.text).join('');
}

/** Returns the line with a width of exactly `cells`: truncated with `ellipsis`, or filled with blanks. */
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

/** Returns a line of `cells` with spans at its left and right end. If both do not fit, the left ones are truncated. */
export function spread(left: readonly Span[], right: readonly Span[], cells: number, ellipsis: string): Line {
  const rightWidth = spansWidth(right);
  if (rightWidth >= cells) return fitLine({ spans: right }, cells, ellipsis);
  const start = fitLine({ spans: left }, cells - rightWidth, ellipsis);
  return { spans: [...start.spans, ...right] };
}

/** True if two lines have equal spans and backgrounds. */
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
