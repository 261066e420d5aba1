import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Board } from '../../lib/domain/board/board.ts';
import type { Action } from '../../lib/domain/ui/action.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { frameText } from '../../lib/view/frame.ts';
import { board, fleet, frame, row, screenState } from '../support/board.ts';
import { text } from '../support/builders.ts';
import { type HeadlessScreen, headlessScreen } from '../support/screen.ts';

const open: HeadlessScreen[] = [];

afterEach(() => {
  for (const screen of open.splice(0)) screen.close();
});

function screenOf(cols: number, rows: number): HeadlessScreen {
  const screen = headlessScreen(cols, rows);
  open.push(screen);
  return screen;
}

function view(of: Board, cols: number, rows: number, ...actions: readonly Action[]) {
  return dashboardView(of, screenState(of, ...actions), frame(cols, rows));
}

describe('the dashboard on a real blessed screen', () => {
  it.each([
    [160, 45],
    [110, 30],
    [80, 24],
    [40, 12],
    [40, 6],
    [12, 3],
    [1, 1],
  ])('shows exactly the cells of the frame at %ix%i', async (cols, rows) => {
    const screen = screenOf(cols, rows);
    const shown = view(board(fleet), cols, rows);
    await screen.show(shown);
    expect(screen.text()).toBe(frameText(shown));
  });

  it('shows one frame after another without cells of the previous one', async () => {
    const screen = screenOf(100, 30);
    const titles = fc.string({ unit: fc.constantFrom('a', ' ', '日', '👍', 'e\u0301', '…', '│', 'ж') });
    const step = fc.record({
      titles: fc.array(titles, { maxLength: 8 }),
      actions: fc.array(
        fc.constantFrom<Action>(
          { type: 'overlay', name: 'help' },
          { type: 'open' },
          { type: 'move', by: 1 },
          { type: 'row-lines' },
        ),
        { maxLength: 3 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), async (steps) => {
        for (const { titles: names, actions } of steps) {
          const rows = names.map((name, index) => row(`r${index}`, name));
          const shown = view(board(rows), 100, 30, ...actions);
          await screen.show(shown);
          expect(screen.text()).toBe(frameText(shown));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('draws a whole frame that had to wait until the terminal accepted the previous one', async () => {
    const { terminal, ...screen } = screenOf(100, 30);
    await screen.show(view(board(fleet), 100, 30, { type: 'overlay', name: 'help' }));
    const render = terminal.render;
    terminal.render = () => false;
    const waiting = view(board(fleet), 100, 30);
    await screen.show(waiting);
    terminal.render = render;
    terminal.render();
    expect(screen.text()).toBe(frameText(waiting));
  });

  it('adapts when the terminal changes its size', async () => {
    const screen = screenOf(120, 40);
    await screen.show(view(board(fleet), 120, 40));
    for (const [cols, rows] of [
      [10, 3],
      [61, 19],
      [200, 50],
    ] as const) {
      screen.resize(cols, rows);
      expect([screen.terminal.cols, screen.terminal.rows]).toEqual([cols, rows]);
      const shown = view(board(fleet), cols, rows);
      await screen.show(shown);
      expect(screen.text()).toBe(frameText(shown));
    }
  });

  it('sends nothing for an equal frame, and little for a small change', async () => {
    const screen = screenOf(120, 40);
    await screen.show(view(board(fleet), 120, 40));
    screen.sent();
    await screen.show(view(board(fleet), 120, 40));
    expect(screen.sent()).toBe('');
    await screen.show(
      dashboardView(board(fleet), screenState(board(fleet)), frame(120, 40, { self: { cpuPercent: 0.3 } })),
    );
    expect(screen.sent().length).toBeLessThan(400);
  });

  it('shows tags of a title as text, and removes its escape codes', async () => {
    const screen = screenOf(100, 30);
    const title = text('{bold}x{/bold}{|}\x1b[31mred\x1b]52;c;cm0=\x07\x9b2J');
    const shown = view(board([row('evil', title)]), 100, 30);
    await screen.show(shown);
    expect(screen.text()).toContain('{bold}x{/bold}{|}red');
    expect(screen.sent()).not.toMatch(/\x1b\]52|\x9b/);
  });

  it('restores the terminal: main screen, cursor, mouse, title', async () => {
    const screen = screenOf(80, 24);
    await screen.show(view(board(fleet), 80, 24));
    screen.sent();
    screen.close();
    screen.close();
    const sent = screen.sent();
    expect(sent.match(/\x1b\[\?1049l/g)).toHaveLength(1);
    expect(sent).toMatch(/\x1b\[\?(12;)?25h|\x1b\[34h\x1b\[\?25h/);
    expect(sent).toContain('\x1b[?1000l');
    expect(sent).toContain('\x1b[?1006l');
    expect(sent).toContain('\x1b[23;0t');
  });
});

it('turns mouse and bracketed paste off while the shell has the terminal, and on again afterwards', async () => {
  const screen = screenOf(80, 24);
  await screen.show(view(board(fleet), 80, 24));
  screen.sent();
  const resume = screen.terminal.pause();
  const lent = screen.sent();
  for (const mode of ['[?1049l', '[?25h', '[?1000l', '[?2004l']) expect(lent).toContain(mode);
  resume();
  await screen.show(view(board(fleet), 80, 24));
  const taken = screen.sent();
  for (const mode of ['[?1049h', '[?1000h', '[?2004h']) expect(taken).toContain(mode);
});

describe('keys and mouse', () => {
  it('gives keys the names of the keymap, and reports Enter once', () => {
    const screen = screenOf(80, 24);
    for (const bytes of [
      'j',
      'G',
      '?',
      '>',
      '\r',
      '\x1b[A',
      '\x1b[5~',
      '\x1bOP',
      '\x1b[21~',
      '\t',
      '\x0c',
      '\x03',
      '\x1a',
      '7',
    ])
      screen.type(bytes);
    expect(screen.keys).toEqual([
      'j',
      'G',
      '?',
      '>',
      'Enter',
      'Up',
      'PgUp',
      'F1',
      'F10',
      'Tab',
      'C-l',
      'C-c',
      'C-z',
      '7',
    ]);
  });

  it('separates a paste from typed keys', () => {
    const screen = screenOf(40, 6);
    screen.type('x\x1b[200~xy\ny\x1b[201~');
    screen.type('z👍');
    expect(screen.keys).toEqual(['x', 'z', '👍']);
    expect(screen.pastes).toEqual(['xy\ny']);
  });

  it('reads Escape and a key that arrive together as two keys', () => {
    const screen = screenOf(80, 24);
    screen.type('\x1bw');
    screen.type('\x1b');
    expect(screen.keys).toEqual(['Esc', 'w', 'Esc']);
  });

  it('turns clicks and the wheel into actions, past column 223 too', async () => {
    const screen = screenOf(240, 50);
    const shown = view(board(fleet), 240, 50);
    await screen.show(shown);
    const click = (x: number, y: number) => screen.type(`\x1b[<0;${x + 1};${y + 1}M`);
    const table = shown.panels.find((panel) => panel.name === 'table');
    const top = table?.rect.top ?? 0;
    click(230, top + 3);
    click(4, top);
    click(1, 49);
    click(10, 0);
    screen.type(`\x1b[<65;5;${top + 3}M`);
    screen.type(`\x1b[<64;5;45M`);
    expect(screen.actions).toEqual([
      { type: 'click-row', key: 'ses_dfc4cf0c2ffeerr1' },
      { type: 'sort-by', column: 'status' },
      { type: 'overlay', name: 'help' },
      { type: 'filter-toggle', text: 'status:asking' },
      { type: 'wheel', panel: 'table', by: 1 },
      { type: 'wheel', panel: 'detail', by: -1 },
    ]);
  });
});
