import type { Confirmation } from '../domain/ui/confirmation.ts';
import { wrap } from '../text/wrap.ts';
import type { FrameInput } from './frame-input.ts';
import type { Rect } from './layout.ts';
import { type Line, type Span, span, spansWidth } from './line.ts';
import { boxed, type Panel, panel, type Target } from './panel.ts';
import type { StyleName } from './theme.ts';

/** The two answers, each a key and a button. */
const answers = [
  { key: 'y', label: 'yes' },
  { key: 'n', label: 'no, as any other key' },
] as const;

function textLine(text: string, style: StyleName): Line {
  return { spans: [span(' '), span(text, style)] };
}

/** Returns the panel of a confirmation over the lower part of the screen. Its answers are always visible. */
export function confirmationPanel(confirmation: Confirmation, input: FrameInput): Panel {
  const { cols, rows } = input;
  const inside = Math.max(1, cols - 4);
  const maxLines = Math.max(1, rows - 4);
  const [asked = [], ...details] = confirmation.lines.map((text) => wrap(text, inside));
  const shown: readonly Line[] = [
    ...asked.slice(0, Math.max(1, maxLines - details.length)).map((text) => textLine(text, 'strong')),
    ...details.flat().map((text) => textLine(text, 'plain')),
  ].slice(0, maxLines);
  const height = shown.length + 3;
  // Takes the full width: a narrower box could cut a wide character of the panel beneath in half.
  const rect: Rect = { top: Math.max(0, rows - 1 - height), left: 0, width: cols, height };
  const buttons: Span[] = [];
  const targets: Target[] = [];
  for (const { key, label } of answers) {
    const left = 2 + spansWidth(buttons);
    buttons.push(span(`[${key}]`, 'key'), span(` ${label}  `));
    targets.push({
      top: shown.length + 1,
      left,
      width: 2 + spansWidth(buttons) - left,
      height: 1,
      action: { type: 'confirm-key', key },
    });
  }
  const lines = [...shown, { spans: [span(' '), ...buttons] }];
  return panel('overlay', rect, boxed([span('?', 'asking')], lines, rect, input), input, targets);
}
