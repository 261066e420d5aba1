import type { Rect } from '../lib/view/layout.ts';
import { type Line, sameLine } from '../lib/view/line.ts';
import type { Panel } from '../lib/view/panel.ts';
import { type Palette, paintLine } from './paint.ts';
import type { Element, Terminal } from './terminal.ts';

/** The part of the screen that a new frame changes. If a panel appears, goes or moves (`place`), it uncovers others. */
type Damage = 'none' | 'lines' | 'place';

/** One part of the dashboard on the screen. */
export interface PanelWidget {
  /** Shows a panel, or hides the current one if there is none. Returns what must be repainted. */
  update(panel: Panel | undefined): Damage;
}

/**
 * Creates a widget that shows a panel. The grid's `set` places it first, then the layout sets its exact cells: the grid
 * only knows percentages and rounds them down, which leaves gaps. Paints only changed lines, unless `everything`
 * returns true.
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
      // After a resize or a redraw the buffer is new and blank.
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
