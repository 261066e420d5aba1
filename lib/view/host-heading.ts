import type { Board } from '../domain/board/board.ts';
import { withRows } from '../domain/board/build-board.ts';
import type { Section } from '../domain/board/sections.ts';
import { isSubagentRow } from '../domain/board/tree.ts';
import { shortDuration } from '../text/format.ts';
import type { FrameInput } from './frame-input.ts';
import { type Line, type Span, span } from './line.ts';
import { stateCounts } from './state-counts.ts';

/** The parts of a heading that depend on the UI state. */
interface HeadingOptions {
  readonly selected: boolean;
  readonly folded: boolean;
  readonly lines: 1 | 2;
}

/**
 * Returns a host's heading: name, connection and the counts of its states. The reason of a failed connection is on the
 * second line, or at the end if rows have one line.
 */
export function hostHeading(
  { name, status, rows }: Section,
  board: Board,
  { selected, folded, lines }: HeadingOptions,
  input: FrameInput,
): Line[] {
  const { glyphs, nowMs } = input;
  const cursor = span(selected ? glyphs.cursor : ' ', 'brand');
  const counts = stateCounts(
    withRows(
      board,
      rows.filter((row) => !isSubagentRow(row)),
    ),
    glyphs,
  );
  const first: Span[] = [
    cursor,
    span(folded ? '[+] ' : '[-] ', 'key'),
    span(name ?? 'this machine', 'strong'),
    ...linkSpans(status, name === undefined, nowMs),
    ...(counts.length > 0 ? [] : [span('  no sessions', 'muted')]),
    ...counts.flatMap(({ count, glyph, word, style }) => [
      span('  '),
      span(`${glyph} ${count} ${word}`, style),
    ]),
  ];
  const why = status?.why === undefined ? [] : [span(status.why, 'trouble')];
  const ground = selected ? { background: 'selected' as const } : {};
  if (lines === 1) return [{ spans: [...first, span('  '), ...why], ...ground }];
  return [
    { spans: first, ...ground },
    { spans: [cursor, span('    '), ...why], ...ground },
  ];
}

function linkSpans(status: Section['status'], isNameless: boolean, nowMs: number): Span[] {
  if (status === undefined) return isNameless ? [] : [span('  this machine', 'muted')];
  const { kind, link, heardAtMs } = status;
  if (link === 'live') return [span(`  ${kind}`, 'muted')];
  const heard = heardAtMs === undefined ? 'never heard' : `heard ${shortDuration(nowMs - heardAtMs)} ago`;
  return [
    span(`  ${kind} `, 'muted'),
    link === 'away' ? span(`away, ${heard}`, 'failed') : span('connecting', 'asking'),
  ];
}
