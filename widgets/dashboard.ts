import Grid from 'blessed-contrib/lib/layout/grid.js';
import type { Action } from '../lib/domain/ui/action.ts';
import type { DashboardView } from '../lib/view/dashboard.ts';
import { mouseAction } from '../lib/view/hit.ts';
import type { Panel, PanelName } from '../lib/view/panel.ts';
import type { Theme } from '../lib/view/theme.ts';
import { Palette } from './paint.ts';
import { createPanelWidget, type PanelWidget } from './panel.ts';
import type { Element, Terminal } from './terminal.ts';

/** Each panel's place on the grid. A later panel covers an earlier one. The layout then sets the exact cells. */
const places: readonly (readonly [PanelName, row: number, col: number, rowSpan: number, colSpan: number])[] =
  [
    ['header', 0, 0, 1, 12],
    ['tokens', 1, 0, 2, 6],
    ['context', 1, 6, 2, 6],
    ['gauge-line', 1, 0, 1, 12],
    ['table', 3, 0, 5, 12],
    ['detail', 8, 0, 3, 12],
    ['notice', 11, 0, 1, 12],
    ['keys', 11, 0, 1, 12],
    ['overlay', 1, 0, 10, 12],
    ['menu', 6, 0, 5, 12],
  ];

/** Draws the dashboard on the screen. */
export interface Dashboard {
  /** Shows a frame. Several frames within one turn of the event loop are drawn once. */
  update(view: DashboardView): void;
  /** Redraws everything in the colours of this theme. */
  setTheme(theme: Theme): void;
  /** Calls the listener with the action of each click or turn of the wheel on the shown frame. */
  onAction(listener: (action: Action) => void): void;
}

/** Builds the widgets on blessed-contrib's grid. No other code calls `render`. */
export function createDashboard(terminal: Terminal, theme: Theme): Dashboard {
  const grid = new Grid({ rows: 12, cols: 12, screen: terminal.screen, hideBorder: true });
  const palette = new Palette(theme);
  const widgets = new Map<PanelName, PanelWidget>(
    places.map(([name, row, col, rowSpan, colSpan]) => {
      const place = (factory: (options: object) => Element) =>
        grid.set(row, col, rowSpan, colSpan, factory, {});
      return [name, createPanelWidget(terminal, palette, place, () => everything)];
    }),
  );
  let shown: DashboardView | undefined;
  let scheduled = false;
  /** True if the next draw must paint every panel, in order, because panels overlap or did overlap. */
  let everything = true;

  const draw = () => {
    scheduled = false;
    if (terminal.render()) everything = shown !== undefined && overlaps(shown.panels);
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(draw);
  };
  return {
    update(view) {
      shown = view;
      terminal.setTitle(view.title);
      const panels = new Map(view.panels.map((panel) => [panel.name, panel]));
      const damages = [...widgets].map(([name, widget]) => widget.update(panels.get(name)));
      if (damages.includes('place')) everything = true;
      if (damages.some((damage) => damage !== 'none')) schedule();
    },
    setTheme(next) {
      palette.change(next);
      everything = true;
      schedule();
    },
    onAction(listener) {
      terminal.onMouse((mouse) => {
        const action = shown && mouseAction(shown, mouse);
        if (action) listener(action);
      });
    },
  };
}

function overlaps(panels: readonly Panel[]): boolean {
  return panels.some(({ rect: one }, index) =>
    panels
      .slice(index + 1)
      .some(
        ({ rect: other }) =>
          one.top < other.top + other.height &&
          other.top < one.top + one.height &&
          one.left < other.left + other.width &&
          other.left < one.left + one.width,
      ),
  );
}
