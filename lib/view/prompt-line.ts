import { type Prompt, promptHints } from '../domain/ui/prompt.ts';
import { takeCells, textWidth } from '../text/width.ts';
import type { FrameInput } from './frame-input.ts';
import { hintBar } from './key-bar.ts';
import type { Rect } from './layout.ts';
import { type Line, type Span, span } from './line.ts';
import { type Panel, panel } from './panel.ts';

const examples = {
  filter: 'word  status:asking  cost>1  -model:haiku',
  search: 'part of a title',
  answer: '',
} as const;

/** The line that is typed, its cursor always in view. */
export function promptPanel(prompt: Prompt, rect: Rect, input: FrameInput): Panel {
  const { spans } = promptSpans(prompt, rect.width);
  return panel('notice', rect, [{ spans }], input);
}

/** Beneath it: what is wrong, with a mark under the place, or else the keys and what they would do. */
export function promptFoot(prompt: Prompt, rect: Rect, input: FrameInput): Panel {
  if (!prompt.problem)
    return hintBar(promptHints, [span(`${examples[prompt.purpose]} `, 'muted')], rect, input);
  const { problem, at } = prompt.problem;
  const place = promptSpans(prompt, rect.width).column(at);
  const marked = place + 2 + textWidth(problem) <= rect.width;
  const lead = marked ? `${' '.repeat(place)}^ ` : ' ';
  const line: Line = { spans: [span(lead, 'failed'), span(problem, 'trouble')] };
  return panel('keys', rect, [line], input);
}

/** The prompt's pieces in so many cells, and where an index into its text stands. */
function promptSpans({ purpose, line, problem, reply }: Prompt, cells: number) {
  const { text, cursor } = line;
  const label = reply?.reply === 'always' ? ' type always to allow it from now on: ' : ` ${purpose}: `;
  const room = Math.max(1, cells - label.length - 1);
  const start = windowStart(text, cursor, room);
  const bad = problem && problem.at < text.length ? Math.max(start, problem.at) : text.length;
  const under = /^(?:\P{M}\p{M}*|\p{M})/u.exec(text.slice(cursor))?.[0] ?? ' ';
  const piece = (from: number, to: number): Span[] =>
    from < to
      ? [
          span(text.slice(from, Math.max(from, Math.min(to, bad)))),
          span(text.slice(Math.max(from, bad), to), 'trouble'),
        ]
      : [];
  const spans = [
    span(label, 'key'),
    ...piece(start, cursor),
    span(under, 'cursor'),
    ...piece(cursor + under.length, text.length),
  ];
  const column = (index: number) =>
    Math.min(cells - 1, label.length + textWidth(text.slice(start, Math.max(start, index))));
  return { spans, column };
}

/** The index of the first character shown: 0, or so that the cursor stands at the right end. */
function windowStart(text: string, cursor: number, room: number): number {
  let start = 0;
  while (textWidth(text.slice(start, cursor)) > room)
    start +=
      takeCells(text.slice(start), 2).length || String.fromCodePoint(text.codePointAt(start) ?? 32).length;
  return start;
}
