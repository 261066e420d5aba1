import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Board } from '../../lib/domain/board/board.ts';
import type { ThemeName } from '../../lib/domain/schema/configuration.ts';
import type { Action } from '../../lib/domain/ui/action.ts';
import { reduce } from '../../lib/domain/ui/reduce.ts';
import { textWidth } from '../../lib/text/width.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { ansiText, frameText, styledCells } from '../../lib/view/frame.ts';
import type { FrameInput } from '../../lib/view/frame-input.ts';
import { asciiGlyphs } from '../../lib/view/glyphs.ts';
import { lineText } from '../../lib/view/line.ts';
import { themeStyles } from '../../lib/view/themes.ts';
import { board, fleet, frame, row, screenState, state } from '../support/board.ts';
import { ago, nowMs, text } from '../support/builders.ts';

function picture(
  of: Board,
  cols: number,
  rows: number,
  actions: readonly Action[] = [],
  some: Partial<FrameInput> = {},
): string {
  return `\n${frameText(dashboardView(of, screenState(of, ...actions), frame(cols, rows, some)))}\n`;
}

describe('frames', () => {
  it('show gauges, two lines per session, detail log and keys on a wide screen', () => {
    expect(picture(board(fleet), 120, 30)).toMatchInlineSnapshot(`
      "
       otop   ? 1 asking   ✖ 1 failed   ● 1 done   ▶ 1 working   ○ 1 idle                  in 8.2M  out 412K  $6.31  14:30:00
      ┌ tokens/min  0-4.2K ──────────────────────────────────────┐┌ context ─────────────────────────────────────────────────┐
      │ all            ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▄▃▆█▃   4.2K ││ 日本語のタイトルを… █████████████████░░   91%  182K/200K │
      │ Write the cha… ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▃▄▆▂   2.9K ││ Refactor the api c… ███████████████░░░░   81%  162K/200K │
      │ Refactor the … ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▃▄▆▂   2.9K ││ Write the changelog █████░░░░░░░░░░░░░░   24%   48K/200K │
      │ 日本語のタイ…  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▃▄▆▂   2.9K ││ Debug the pipeline  █████░░░░░░░░░░░░░░   24%   48K/200K │
      └──────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────┘
       STATUS ▴         TITLE                            SID             UP  CPU   CTX    IN   COST MODEL           TMUX
      ▌? permission 3m  Refactor the api client          ses_…eask1   2h08m 4.1%   81%  1.0M  $1.20 claude-opus-4-6 work:8.1
      ▌  34 msgs        bash: npm test                   pid 2368     5m12s 812M  162K  9.1K   2.9K build           pts/0
       ✖ error 10m      Ship it 👨                       ses_…eerr1   2h08m 4.1%        1.0M        claude-opus-4-6 work:8.1
         34 msgs        APIError: insufficient quota     pid 2378     5m12s 812M        9.1K   2.9K build           pts/0
       ● done 1m        日本語のタイトルを直す 👍 done   ses_…ecjk1   2h08m 4.1%   91%  1.0M  $0.31 claude-opus-4-6 work:1.1
         34 msgs        Reading the failing fixture now  pid 2361     5m12s 812M  182K  9.1K   2.9K build           pts/0
       ▶ tool use 12s   Debug the pipeline               ses_…tool1   2h10m 4.1%   24%  1.0M  $0.31 claude-opus-4-6 work:5.1
         34 msgs        bash                             pid 2495     5m12s 812M   48K  9.1K   1.3K build           pts/0
       ○ idle 30s       Write the changelog              ses_…idle1   2h09m 4.1%   24%  1.0M  $0.31 claude-opus-4-6 work:3.1
         34 msgs        Reading the failing fixture now  pid 2463     5m12s 812M   48K  9.1K   2.9K build           pts/0
      ┌ detail  Refactor the api client  1-9 of 12 ──────────────────────────────────────────────────────────────────────────┐
      │ state     ? permission bash for 3m05s                                                                                │
      │           npm test                                                                                                   │
      │ you 5m    split the client into transport and session                                                                │
      │ said      Reading the failing fixture now                                                                            │
      │ tokens    in 120K  cached 900K  cache written 0  out 9.0K  reasoning 100                                             │
      │ context   81%  162K tokens  of 200K                                                                                  │
      │ cost      $1.20  own $1.00, subagents $0.20                                                                          │
      │ model     anthropic/claude-opus-4-6  agent build  opencode 1.18.33                                                   │
      │ session   ses_dfc4cf0c2ffeask1  /home/u/projA                                                                        │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ? help  Enter detail  o jump  w next waiting  i inbox  / filter  q quit  z pause  s flip           otop 0.2% 84M 3.2ms
      "
    `);
  });

  it('show one line per session and the gauges in one line at 80x24', () => {
    expect(picture(board(fleet, { demo: true }), 80, 24)).toMatchInlineSnapshot(`
      "
       otop  DEMO    ? 1 asking   ✖ 1 failed   ● 1 done   ▶ 1 working   ○ 1 idle
       tokens/min ▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▄▃▆█▃ 4.2K   fullest 日本語のタイト…  █████████░ 91%
       STATUS ▴         TITLE                          UP  ROUND  CPU  MEM  CTX   COST
      ▌? permission 3m  Refactor the api client     2h08m  5m12s 4.1% 812M  81%  $1.20
       ✖ error 10m      Ship it 👨                  2h08m  5m12s 4.1% 812M
       ● done 1m        日本語のタイトルを直す 👍…  2h08m  5m12s 4.1% 812M  91%  $0.31
       ▶ tool use 12s   Debug the pipeline          2h10m  5m12s 4.1% 812M  24%  $0.31
       ○ idle 30s       Write the changelog         2h09m  5m12s 4.1% 812M  24%  $0.31
      ┌ detail  Refactor the api client ─────────────────────────────────────────────┐
      │ state     ? permission bash for 3m05s                                        │
      │           npm test                                                           │
      │ you 5m    split the client into transport and session                        │
      │ said      Reading the failing fixture now                                    │
      │ tokens    in 120K  cached 900K  cache written 0  out 9.0K  reasoning 100     │
      │ context   81%  162K tokens  of 200K                                          │
      │ cost      $1.20  own $1.00, subagents $0.20                                  │
      │ model     anthropic/claude-opus-4-6  agent build  opencode 1.18.33           │
      │ session   ses_dfc4cf0c2ffeask1  /home/u/projA                                │
      │ process   pid 2368  tui  pts/0  up 2h08m  cpu 4.1%  mem 812M                 │
      │ tmux      work:8.1  work  OC | Refactor the api client                       │
      │ match     certain, by log: its log names the session                         │
      │                                                                              │
      └──────────────────────────────────────────────────────────────────────────────┘
       ? help  Enter detail  o jump  w next waiting  i inbox  / filter  otop 0.2% 84M
      "
    `);
  });

  it('show glyph and time in place of the state in a narrow pane', () => {
    expect(picture(board(fleet), 40, 12)).toMatchInlineSnapshot(`
      "
       otop   ? 1   ✖ 1   ● 1   ▶ 1   ○ 1
       STATUS ▴ TITLE               CTX   COST
      ▌? 3m     Refactor the api …  81%  $1.20
       ✖ 10m    Ship it 👨
       ● 1m     日本語のタイトル…   91%  $0.31
       ▶ 12s    Debug the pipeline  24%  $0.31
       ○ 30s    Write the changel…  24%  $0.31




       ? help  Enter detail  o jump
      "
    `);
  });

  it('fit the smallest pane', () => {
    expect(picture(board(fleet), 40, 6)).toMatchInlineSnapshot(`
      "
       otop   ? 1   ✖ 1   ● 1   ▶ 1   ○ 1
       STATUS ▴ TITLE  1-3 of 5     CTX   COST
      ▌? 3m     Refactor the api …  81%  $1.20
       ✖ 10m    Ship it 👨
       ● 1m     日本語のタイトル…   91%  $0.31
       ? help  Enter detail  o jump
      "
    `);
  });

  it('show only the counts below the minimum size', () => {
    expect(picture(board(fleet), 30, 4)).toMatchInlineSnapshot(`
      "
      ? 1 asking
      ✖ 1 failed
      ● 1 done
      too small: 30x4, needs 40x6
      "
    `);
  });

  it('show the open detail log in ASCII', () => {
    const shown = picture(board(fleet), 76, 16, [{ type: 'move', by: 2 }, { type: 'open' }], {
      glyphs: asciiGlyphs,
    });
    expect(shown).toMatch(/^[\x20-\x7e\n]*$/);
    expect(shown).toMatchInlineSnapshot(`
      "
       otop   ? 1 asking   x 1 failed   * 1 done   > 1 working   o 1 idle
      + detail  ?????????????????????? ?? done ----------------------------------+
      | state     * done for 1m05s                                               |
      | you 5m    split the client into transport and session                    |
      | said      Reading the failing fixture now                                |
      | tokens    in 120K  cached 900K  cache written 0  out 9.0K  reasoning 100 |
      | context   91%  182K tokens  of 200K                                      |
      | cost      $0.31                                                          |
      | model     anthropic/claude-opus-4-6  agent build  opencode 1.18.33       |
      | session   ses_dfc4cf0c2ffecjk1  /home/u/projA                            |
      | process   pid 2361  tui  pts/0  up 2h08m  cpu 4.1%  mem 812M             |
      | tmux      work:1.1  work  OC | Refactor the api client                   |
      | match     certain, by log: its log names the session                     |
      |                                                                          |
      +--------------------------------------------------------------------------+
       Esc back  Tab next tab  Enter jump  j down  k up  G end      otop 0.2% 84M
      "
    `);
  });

  it('say that nothing runs and that there is no database', () => {
    const trouble = {
      source: 'database' as const,
      text: text(
        'no database at /home/u/.local/share/opencode/opencode.db: start opencode once, or use --db',
      ),
    };
    expect(picture(board([], { troubles: [trouble] }), 80, 18)).toMatchInlineSnapshot(`
      "
       otop   no sessions       today 14 sessions  in 8.2M  out 412K  $6.31  14:30:00
       tokens/min ▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▄▃▆█▃ 4.2K
       STATUS ▴         TITLE                          UP  ROUND  CPU  MEM  CTX   COST

        no database at /home/u/.local/share/opencode/opencode.db: start opencode once,
        or use --db










       !  database: no database at /home/u/.local/share/opencode/opencode.db: start o…
       ? help  Enter detail  o jump  w next waiting  i inbox  / filter  otop 0.2% 84M
      "
    `);
  });

  it('say that otop is looking before the first Board', () => {
    expect(picture(board([], { atMs: 0 }), 50, 8)).toMatchInlineSnapshot(`
      "
       otop   no sessions     out 412K  $6.31  14:30:00
       STATUS ▴         TITLE                 CTX   COST

        Looking for opencode …



       ? help  Enter detail  o jump  w next waiting
      "
    `);
  });

  it('show the time of stale rows', () => {
    const trouble = {
      source: 'database' as const,
      text: text('cannot be read (mode 000)'),
      staleSinceMs: ago(61),
    };
    const shown = board(fleet, { troubles: [trouble, { source: 'log', text: text('gone') }] });
    expect(picture(shown, 100, 20).split('\n').at(-3)).toMatchInlineSnapshot(
      `" !  database (rows of 14:28:59) (+1 more): cannot be read (mode 000)"`,
    );
  });

  it('wrap the text of the detail log, and show its end until the person scrolls', () => {
    const lines = Array.from({ length: 30 }, (_, index) => ({
      spans: [
        { text: `${index} `, style: 'muted' as const },
        { text: 'word '.repeat(20).trim(), style: 'plain' as const },
      ],
    }));
    const detail = {
      key: fleet[2]?.key ?? '',
      tabs: [{ name: 'log' as const, label: text('history'), active: true }],
      body: { kind: 'text' as const, lines, followEnd: true },
    };
    expect(picture(board(fleet), 60, 8, [{ type: 'open' }], { detail })).toMatchInlineSnapshot(`
      "
       otop   ? 1   ✖ 1   ● 1   ▶ 1   ○ 1         $6.31  14:30:00
      ┌ detail [history]  Refactor the api client  57-60 of 60 ──┐
      │ 28 word word word word word word word word word word     │
      │    word word word word word word word word word word     │
      │ 29 word word word word word word word word word word     │
      │    word word word word word word word word word word     │
      └──────────────────────────────────────────────────────────┘
       Esc back  Tab next tab  Enter jump  j down   otop 0.2% 84M
      "
    `);
    const shown = board(fleet);
    const ui = screenState(shown, { type: 'open' });
    const { viewport } = dashboardView(shown, ui, frame(60, 8, { detail }));
    const scroll: Action = { type: 'move-to', index: 0 };
    const scrolled = reduce({ ...ui, viewport }, scroll, { board: shown, nowMs }).state;
    expect(frameText(dashboardView(shown, scrolled, frame(60, 8, { detail })))).toContain('│ 0 word');
  });

  it('have every key in the help', () => {
    const shown = picture(board(fleet), 110, 100, [{ type: 'overlay', name: 'help' }]);
    expect(shown).toContain(' w             select the next session that needs you');
    expect(shown).toContain(' CTX           how full');
  });
});

const hardText = fc
  .string({
    unit: fc.constantFrom(
      'a',
      'Z',
      ' ',
      '日',
      '👍',
      'e\u0301',
      '…',
      '│',
      'ש',
      '\u202e',
      '👨‍👩‍👧',
      '\x1b[31m',
      '\n',
    ),
  })
  .map((raw) => text(raw));

const anyRow = fc.record({
  title: hardText,
  detail: hardText,
  name: fc.constantFrom('asking', 'error', 'idle', 'tool use', 'new', 'stale', 'retrying'),
  percent: fc.option(fc.double({ min: 0, max: 400, noNaN: true }), { nil: undefined }),
  rates: fc.array(fc.oneof(fc.nat(1e7), fc.constant(Number.NaN)), { maxLength: 70 }),
});

const anyBoard = fc
  .tuple(fc.array(anyRow, { maxLength: 30 }), fc.boolean(), fc.option(hardText, { nil: undefined }))
  .map(([rows, demo, trouble]) =>
    board(
      rows.map((each, index) =>
        row(`p${index}`, each.title, {
          state: state(each.name as 'idle', index * 100, { detail: each.detail, unread: index % 3 === 0 }),
          context: each.percent === undefined ? {} : { percent: each.percent },
          tokensPerMinute: each.rates,
        }),
      ),
      { demo, troubles: trouble === undefined ? [] : [{ source: 'log', text: trouble }] },
    ),
  );

const anyAction = fc.constantFrom<Action>(
  { type: 'move', by: 1 },
  { type: 'move-to', index: 1e9 },
  { type: 'page', pages: 1 },
  { type: 'open' },
  { type: 'back' },
  { type: 'overlay', name: 'help' },
  { type: 'row-lines' },
  { type: 'overlay', name: 'processes' },
  { type: 'tree' },
  { type: 'tab' },
  { type: 'pause' },
  { type: 'sort-step', step: -1 },
  { type: 'next-waiting' },
  { type: 'wheel', panel: 'detail', by: 1 },
);

describe('frames of any size, with any text', () => {
  const size = (most: number) => fc.oneof(fc.integer({ min: 1, max: 45 }), fc.integer({ min: 1, max: most }));

  it('have panels that fill their rectangles exactly, and cover the screen', () => {
    fc.assert(
      fc.property(
        anyBoard,
        size(300),
        size(100),
        fc.array(anyAction, { maxLength: 6 }),
        fc.boolean(),
        (shown, cols, rows, actions, ascii) => {
          const some = ascii ? { glyphs: asciiGlyphs } : {};
          const view = dashboardView(shown, screenState(shown, ...actions), frame(cols, rows, some));
          for (const { name, rect, lines } of view.panels) {
            expect([name, lines.length]).toEqual([name, rect.height]);
            for (const line of lines) expect([name, textWidth(lineText(line))]).toEqual([name, rect.width]);
            expect(rect.top + rect.height).toBeLessThanOrEqual(rows);
            expect(rect.left + rect.width).toBeLessThanOrEqual(cols);
          }
          const cells = view.panels
            .filter((panel) => panel.name !== 'overlay')
            .reduce((sum, { rect }) => sum + rect.width * rect.height, 0);
          expect(cells).toBe(cols * rows);
          const lines = frameText(view).split('\n');
          expect(lines).toHaveLength(rows);
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(cols);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('show the selected row', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.integer({ min: -70, max: 70 }), { maxLength: 6 }),
        fc.integer({ min: 6, max: 60 }),
        fc.integer({ min: 40, max: 200 }),
        (count, moves, rows, cols) => {
          const shown = board(Array.from({ length: count }, (_, index) => row(`n${index}`, `No ${index}.`)));
          const ui = screenState(shown, ...moves.map((by) => ({ type: 'move' as const, by })));
          const view = dashboardView(shown, ui, frame(cols, rows));
          const table = view.panels.find((panel) => panel.name === 'table');
          expect(table?.lines.filter((line) => line.background === 'selected').length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('colours', () => {
  it('are 256-colour codes of the theme, and absent in mono', () => {
    const view = dashboardView(board(fleet), screenState(board(fleet)), frame(80, 24));
    const inColor = (theme: ThemeName) => styledCells(view, themeStyles(theme)).map(ansiText).join('\n');
    expect(inColor('default')).toContain('\x1b[0;1;38;5;220;48;5;237m? permission 3m');
    expect(inColor('mono')).not.toMatch(/[34]8;5;/);
    expect(
      inColor('default')
        .replace(/\x1b\[[\d;]*m/g, '')
        .replace(/ +$/gm, ''),
    ).toBe(frameText(view));
  });
});
