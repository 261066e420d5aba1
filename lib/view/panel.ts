import type { Action } from '../domain/ui/action.ts';
import type { FrameInput } from './frame-input.ts';
import type { Rect } from './layout.ts';
import { fitLine, type Line, type Span, span, spansWidth } from './line.ts';

/** The name of a panel, for drawing and mouse events. */
export type PanelName =
  | 'header'
  | 'tokens'
  | 'context'
  | 'gauge-line'
  | 'table'
  | 'detail'
  | 'notice'
  | 'keys'
  | 'overlay'
  | 'menu';

/** A clickable rectangle, relative to its panel. */
export interface Target extends Rect {
  readonly action: Action;
}

/** One part of a frame, with exactly `rect.height` lines of exactly `rect.width` cells. */
export interface Panel {
  readonly name: PanelName;
  readonly rect: Rect;
  readonly lines: readonly Line[];
  readonly targets: readonly Target[];
}

/** Returns a panel whose lines are truncated or filled to its rectangle. */
export function panel(
  name: PanelName,
  rect: Rect,
  lines: readonly Line[],
  input: FrameInput,
  targets: readonly Target[] = [],
): Panel {
  const fitted: Line[] = [];
  for (let row = 0; row < rect.height; row++) {
    fitted.push(fitLine(lines[row] ?? { spans: [] }, rect.width, input.glyphs.ellipsis));
  }
  return { name, rect, lines: fitted, targets };
}

/** Returns lines in a box with a title in its top border. The lines are truncated or filled to the inside. */
export function boxed(title: readonly Span[], lines: readonly Line[], rect: Rect, input: FrameInput): Line[] {
  const { box, ellipsis } = input.glyphs;
  const inside = Math.max(0, rect.width - 2);
  const heading = title.length > 0 ? [span(' '), ...title, span(' ')] : [];
  const shown = spansWidth(heading) > inside ? fitLine({ spans: heading }, inside, ellipsis).spans : heading;
  const across = box.across.repeat(Math.max(0, inside - spansWidth(shown)));
  const out: Line[] = [
    { spans: [span(box.topLeft, 'border'), ...shown, span(across + box.topRight, 'border')] },
  ];
  for (let row = 0; row < rect.height - 2; row++) {
    const content = fitLine(lines[row] ?? { spans: [] }, inside, ellipsis);
    out.push({ ...content, spans: [span(box.down, 'border'), ...content.spans, span(box.down, 'border')] });
  }
  out.push({ spans: [span(box.bottomLeft + box.across.repeat(inside) + box.bottomRight, 'border')] });
  return out;
}
