import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BoardEnricher } from '../../lib/dashboard/enrich-board.ts';
import { Screen } from '../../lib/dashboard/screen.ts';
import type { Board } from '../../lib/domain/board/board.ts';
import { screenBoard } from '../../lib/domain/board/tree.ts';
import { initialUiState, type UiState } from '../../lib/domain/ui/ui-state.ts';
import { paintDashboard } from '../../lib/view/dashboard.ts';
import { layOutDashboard } from '../../lib/view/dashboard-layout.ts';
import type { DetailSpace } from '../../lib/view/detail-log.ts';
import { frameText } from '../../lib/view/frame.ts';
import { board, frame, row, state } from '../support/board.ts';
import { nowMs, session, text } from '../support/builders.ts';

vi.mock(import('../../lib/domain/board/tree.ts'), { spy: true });
vi.mock(import('../../lib/view/dashboard-layout.ts'), { spy: true });
vi.mock(import('../../lib/view/dashboard.ts'), { spy: true });

const children = [{ session: session({ id: 'ses_child' }), state: state('idle', 5), depth: 1 }];
const some = (count: number): Board =>
  board(
    Array.from({ length: count }, (_, index) =>
      row(`${String(index).padStart(3, '0')}a`, `Session ${index}`, {
        session: session({
          id: `ses_${index}`,
          title: text(`Session ${index}`),
          directoryPath: `/src/${index}`,
          activeAtMs: nowMs - index,
        }),
        children,
      }),
    ),
  );
const { settings } = initialUiState;
const opening: UiState = {
  ...initialUiState,
  settings: {
    ...settings,
    columns: ['status', 'title', 'branch'],
    layout: { ...settings.layout, detail: false },
  },
  rowLines: 'one',
};

let asked: string[];
let rooms: (DetailSpace | undefined)[];
let enricher: BoardEnricher;
let screen: Screen;

/** A screen with eight rows that has shown one Board. */
function open(of: Board): void {
  asked = [];
  rooms = [];
  const git = {
    of(path: string) {
      asked.push(path);
      return text(`branch-${path.split('/').at(-1)}`);
    },
  };
  enricher = new BoardEnricher({ options: {}, git });
  const detail = {
    content(_row: unknown, _ui: unknown, room: DetailSpace | undefined) {
      rooms.push(room);
      return undefined;
    },
  };
  screen = new Screen(of, opening, { enricher, detail });
  show(of);
}

function show(of: Board): string {
  screen.show(of, [], nowMs);
  return draw();
}

function draw(): string {
  return frameText(screen.frame(frame(80, 11)));
}

/** Handles a key as the app does, and draws a frame. */
function press(key: string): string {
  const meant = screen.actionOf(key);
  if (meant && 'action' in meant) screen.act(meant.action, nowMs + 10_000);
  return draw();
}

/** The number of calls of each step since the last call of this function. */
function steps() {
  const counted = [screenBoard, layOutDashboard, paintDashboard].map((step) => {
    const calls = vi.mocked(step as () => unknown).mock.calls.length;
    vi.mocked(step as () => unknown).mockClear();
    return calls;
  });
  return { shown: counted[0], laidOut: counted[1], painted: counted[2] };
}

beforeEach(() => open(some(40)));

describe('a Board on its way to the screen', () => {
  it('is enriched once, shown once, laid out once and painted once', () => {
    const enrich = vi.spyOn(enricher, 'enrich');
    steps();
    show(some(40));
    expect([enrich.mock.calls.length, steps()]).toEqual([1, { shown: 1, laidOut: 1, painted: 1 }]);
  });

  it('gets the branches of its visible rows, each read once', () => {
    expect(asked).toHaveLength(8);
    asked = [];
    const shown = show(some(40));
    expect(asked.toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `/src/${index}`));
    expect(shown.match(/branch-\d/g)).toHaveLength(8);
  });

  it('has its own troubles after those of the configuration', () => {
    const source = 'database';
    screen.show(
      board([], { troubles: [{ source, text: text('it is locked') }] }),
      [{ source: 'config', text: text('line 3') }],
      nowMs,
    );
    expect(screen.board.troubles.map(({ source: of }) => of)).toEqual(['config', 'database']);
  });
});

describe('a key on its way to the screen', () => {
  it('enriches nothing, and computes the shown Board only if the key changes it', () => {
    open(some(6));
    const enrich = vi.spyOn(enricher, 'enrich');
    steps();
    for (const key of ['j', 'k', '>', '<', 'w', 'Enter', 'Esc', '/', 'x', 'Esc', '?', 'Esc', 'y']) {
      press(key);
      expect([key, steps()]).toEqual([key, { shown: 0, laidOut: 1, painted: 1 }]);
    }
    for (const key of ['F5', '-', '+', 'z', 'z']) {
      press(key);
      expect([key, steps()]).toEqual([key, { shown: 1, laidOut: 1, painted: 1 }]);
    }
    expect(enrich).not.toHaveBeenCalled();
  });

  it('reads the branches of rows that become visible before the same frame is painted', () => {
    asked = [];
    expect(press('j')).not.toContain('branch-8');
    expect(asked).toEqual([]);
    steps();
    expect(press('G')).toContain('branch-39');
    expect(asked.toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `/src/${index + 32}`));
    expect(steps()).toEqual({ shown: 1, laidOut: 1, painted: 1 });
    press('k');
    expect(asked).toHaveLength(8);
  });

  it('reads branches while otop is paused, too, and shows them afterwards', () => {
    press('z');
    expect(press('G')).toContain('branch-39');
    screen.show(board(some(40).rows.slice(1)), [], nowMs + 1000);
    expect(draw()).toContain('branch-39');
    expect(press('z')).toContain('branch-39');
  });

  it('gives the detail reader the size of the open log, and tells it when the log is closed', () => {
    press('j');
    press('Enter');
    expect(rooms.slice(-2)).toEqual([undefined, { cells: 76, rows: 7 }]);
  });
});
