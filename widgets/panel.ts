import type { Rect } from '../lib/view/layout.ts';
import { type Line, sameLine } from '../lib/view/line.ts';
import type { Panel } from '../lib/view/panel.ts';
import { type Palette, paintLine } from './paint.ts';
import type { Element, Terminal } from './terminal.ts';

/** What a new frame means for what is on the screen; where a panel comes, goes or moves, others lay bare. */
type Damage = 'none' | 'lines' | 'place';

/** One part of the dashboard on the screen. */
export interface PanelWidget {
  /** Shows a panel, or hides what was there. */
  update(panel: Panel | undefined): Damage;
}

/**
 * A widget that shows a panel. Placed by the grid's `set`, then by the layout in cells: the grid knows percentages
 * only and rounds them down, which leaves gaps, and a header of one row is no fixed share of any screen.
 * Only lines that changed are painted, unless `everything` is to be.
 */
export function createPanelWidget(
  terminal: Terminal,
  palette: Palette,
  place: (factory: (options: object) => Element) => Element,
  everything: () => boolean,
): PanelWidget {
  let shown: Panel | undefined;
  let painted: readonly Line[] = [];
  let paintedInto: Terminal['lines'] | undefined;
  const element = place((options) =>
    terminal.box(options, () => {
      if (!shown) return;
      const { rect, lines } = shown;
      // A new buffer, after a resize or a redraw, is blank.
      const all = everything() || terminal.lines !== paintedInto;
      lines.forEach((line, row) => {
        const target = terminal.lines[rect.top + row];
        const before = all ? undefined : painted[row];
        if (!target || (before && sameLine(line, before))) return;
        paintLine(target, rect.left, line, palette, before);
      });
      painted = lines;
      paintedInto = terminal.lines;
    }),
  );
  element.hide();
  return {
    update(panel) {
      const before = shown;
      shown = panel;
      if (!panel) {
        element.hide();
        return before ? 'place' : 'none';
      }
      if (!before || !sameRect(panel.rect, before.rect)) {
        Object.assign(element.position, panel.rect);
        element.show();
        return 'place';
      }
      const isSame =
        panel.lines.length === before.lines.length &&
        panel.lines.every((line, row) => sameLine(line, before.lines[row] ?? line));
      return isSame ? 'none' : 'lines';
    },
  };
}

function sameRect(one: Rect, other: Rect): boolean {
  return (
    one.top === other.top &&
    one.left === other.left &&
    one.width === other.width &&
    one.height === other.height
  );
}
