import type { Panel } from '../lib/view/panel.ts';
import { type Palette, paint } from './paint.ts';
import type { Element, Terminal } from './terminal.ts';

/** One part of the dashboard on the screen. */
export interface PanelWidget {
  /** Shows a panel, or hides what was there; true where the screen has to be drawn. */
  update(panel: Panel | undefined): boolean;
}

/**
 * A widget that shows a panel. Placed by the grid's `set`, then by the layout in cells: the grid knows percentages
 * only and rounds them down, which leaves gaps, and a header of one row is no fixed share of any screen.
 */
export function createPanelWidget(
  terminal: Terminal,
  palette: Palette,
  place: (factory: (options: object) => Element) => Element,
): PanelWidget {
  let shown: Panel | undefined;
  const element = place((options) =>
    terminal.box(options, () => {
      if (shown) paint(terminal.lines, shown.rect, shown.lines, palette);
    }),
  );
  element.hide();
  return {
    update(panel) {
      if (samePanel(panel, shown)) return false;
      shown = panel;
      if (!panel) {
        element.hide();
        return true;
      }
      Object.assign(element.position, panel.rect);
      element.show();
      return true;
    },
  };
}

function samePanel(a: Panel | undefined, b: Panel | undefined): boolean {
  if (a === b) return true;
  return (
    a !== undefined &&
    b !== undefined &&
    JSON.stringify([a.rect, a.lines]) === JSON.stringify([b.rect, b.lines])
  );
}
