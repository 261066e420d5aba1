import { wrap } from '../text/wrap.ts';
import { type Line, lineText, type Span, span, spansWidth } from './line.ts';

/** Wraps spans to lines of `cells` and keeps their styles. Lines after the first start with `hang` blanks. */
export function wrapSpans(spans: readonly Span[], cells: number, hang = 0): Span[][] {
  if (spansWidth(spans) <= cells) return [[...spans]];
  const text = lineText({ spans });
  const styles = spans.flatMap((each) => Array.from({ length: each.text.length }, () => each.style));
  let at = 0;
  return wrap(text, cells, hang).map((piece, index) => {
    const words = index === 0 ? piece : piece.trimStart();
    const lead = index === 0 ? [] : [span(piece.slice(0, piece.length - words.length))];
    // Wrapping removes only blanks between two lines.
    while (index > 0 && text[at] === ' ') at += 1;
    const start = at;
    at += words.length;
    return [...lead, ...runs(words, styles, start)];
  });
}

/** Splits a text into spans of one style. `styles` has one entry per character; the text's first is at `start`. */
function runs(text: string, styles: readonly Span['style'][], start: number): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (let at = 1; at <= text.length; at += 1) {
    if (at < text.length && styles[start + at] === styles[start + from]) continue;
    spans.push(span(text.slice(from, at), styles[start + from]));
    from = at;
  }
  return spans;
}

/**
 * Wraps a line that is too long. Its last span is wrapped beneath itself, after the spans before it. If those take more
 * than half of the width, all spans are wrapped together.
 */
export function wrapLine(of: Line, cells: number, hang = 0): Line[] {
  if (spansWidth(of.spans) <= cells) return [of];
  const last = of.spans.at(-1);
  if (!last) return [of];
  const lead = of.spans.slice(0, -1);
  const leadCells = spansWidth(lead);
  if (leadCells > cells / 2) return wrapSpans(of.spans, cells, hang).map((spans) => ({ spans }));
  return wrapSpans([last], cells - leadCells).map((spans, index) => ({
    spans: [...(index === 0 ? lead : [span(' '.repeat(leadCells))]), ...spans],
  }));
}
