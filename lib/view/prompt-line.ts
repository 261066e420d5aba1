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

/** Returns the prompt's line, scrolled so that the cursor is visible. */
export function promptPanel(prompt: Prompt, rect: Rect, input: FrameInput): Panel {
  const { spans } = promptSpans(prompt, rect.width);
  return panel('notice', rect, [{ spans }], input);
}

/** Returns the line beneath the prompt: its problem with `^` under the position, else its keys. */
export function promptFoot(prompt: Prompt, rect: Rect, input: FrameInput): Panel {
  if (!prompt.problem)
    return hintBar(promptHints, [span(`${examples[prompt.purpose]} `, 'muted')], rect, input);
  const { problem, at } = prompt.problem;
  const column = promptSpans(prompt, rect.width).column(at);
  const hasPointer = column + 2 + textWidth(problem) <= rect.width;
  const lead = hasPointer ? `${' '.repeat(column)}^ ` : ' ';
  const line: Line = { spans: [span(lead, 'failed'), span(problem, 'trouble')] };
  return panel('keys', rect, [line], input);
}

/** The prompt's spans in `cells`, and a function from an index of its text to a column. */
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

/** Index of the first visible character: 0, or more if the cursor would not fit. */
function windowStart(text: string, cursor: number, room: number): number {
  let start = 0;
  while (textWidth(text.slice(start, cursor)) > room)
    start +=
      takeCells(text.slice(start), 2).length || String.fromCodePoint(text.codePointAt(start) ?? 32).length;
  return start;
}
