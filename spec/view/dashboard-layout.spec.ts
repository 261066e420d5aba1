import { describe, expect, it } from 'vitest';
import type { UiState } from '../../lib/domain/ui/ui-state.ts';
import { paintDashboard } from '../../lib/view/dashboard.ts';
import { layOutDashboard } from '../../lib/view/dashboard-layout.ts';
import { board, frame, row, screenState } from '../support/board.ts';
import { text } from '../support/builders.ts';

const shown = board(Array.from({ length: 40 }, (_, index) => row(`r${index}`, `Session ${index}`)));
const end = { type: 'move-to', index: 39 } as const;

describe('the layout of the dashboard', () => {
  it('tells the rows and columns in sight before anything is painted', () => {
    const ui: UiState = { ...screenState(shown, end), rowLines: 'one' };
    const layout = layOutDashboard(shown, ui, frame(80, 12));
    expect(layout.viewport).toMatchObject({ tooSmall: false, tableRows: 9, tableTop: 31 });
    expect(layout.viewport.tableColumns).toContain('title');
    const { tableRows, tableTop, tableColumns } = paintDashboard(layout, shown, ui, frame(80, 12)).viewport;
    expect(layout.viewport).toMatchObject({ tableRows, tableTop, tableColumns });
  });

  it('gives a line to what is said above the key bar, and to the filter', () => {
    const rowsOf = (ui: UiState, of = shown) => layOutDashboard(of, ui, frame(80, 12)).viewport.tableRows;
    const quiet: UiState = { ...screenState(shown), rowLines: 'one' };
    expect(rowsOf(quiet)).toBe(9);
    expect(rowsOf(quiet, { ...shown, troubles: [{ source: 'log', text: text('it is gone') }] })).toBe(8);
    const filtered = screenState(shown, { type: 'filter-toggle', text: 'status:idle' });
    expect(rowsOf({ ...filtered, rowLines: 'one' })).toBe(8);
  });

  it('has room for the detail log while it is open, and only then', () => {
    const roomOf = (ui: UiState, rows: number) => layOutDashboard(shown, ui, frame(160, rows)).openDetail;
    expect(roomOf(screenState(shown), 45)).toBeUndefined();
    const opened = screenState(shown, { type: 'open' });
    expect(roomOf(opened, 45)).toEqual({ cells: 156, rows: 41 });
    expect(roomOf(opened, 5)).toBeUndefined();
  });

  it('keeps what was in sight on a screen that is too small', () => {
    const ui = { ...screenState(shown), viewport: { ...screenState(shown).viewport, tableRows: 7 } };
    const { parts, viewport } = layOutDashboard(shown, ui, frame(30, 5));
    expect([parts, viewport]).toEqual([undefined, { ...ui.viewport, tooSmall: true }]);
  });
});
