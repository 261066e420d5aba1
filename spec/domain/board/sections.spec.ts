import { describe, expect, it } from 'vitest';
import type { Board, HostStatus, Row } from '../../../lib/domain/board/board.ts';
import { keyAction } from '../../../lib/domain/ui/key-action.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import type { UiState } from '../../../lib/domain/ui/ui-state.ts';
import { dashboardView } from '../../../lib/view/dashboard.ts';
import { frameText } from '../../../lib/view/frame.ts';
import { board, frame, row, screenState, state } from '../../support/board.ts';
import { ago, nowMs, text } from '../../support/builders.ts';

const hosts: readonly HostStatus[] = [
  { name: text('box'), kind: 'ssh', link: 'live', heardAtMs: ago(2) },
  {
    name: text('lab:8384'),
    kind: 'otop',
    link: 'away',
    heardAtMs: ago(190),
    why: text('nothing listens there'),
  },
  { name: text('slow'), kind: 'ssh', link: 'connecting' },
];

function on(host: string, id: string, title: string, some: Partial<Row> = {}): Row {
  const here = row(id, title, some);
  return { ...here, key: `${host} ${here.key}`, host: text(host), elsewhere: { by: 'otop' } };
}

const far: Board = board(
  [
    row('idle1', 'Write the changelog'),
    row('tool1', 'Debug the pipeline', { state: state('tool use', 12) }),
    on('box', 'b1', 'Port the parser'),
    on('lab:8384', 'l1', 'Train it', { state: state('asking', 400, { askingFor: 'question' }) }),
    on('lab:8384', 'l2', 'Clean up'),
  ],
  { hosts },
);

function press(ui: UiState, ...keys: string[]): UiState {
  let next = ui;
  for (const key of keys) {
    const pressed = keyAction(key, next, far);
    if (pressed === undefined || 'disabled' in pressed) throw new Error(`${key}: ${JSON.stringify(pressed)}`);
    next = reduce(next, pressed.action, { board: far, nowMs: nowMs + 10_000 }).state;
  }
  return next;
}

const shown = (ui: UiState) => ui.order.map((key) => key.replace('ses_dfc4cf0c2ffe', ''));
const picture = (ui: UiState, cols: number, rows: number) =>
  frameText(dashboardView(far, ui, frame(cols, rows)));

describe('the sessions of several hosts', () => {
  it('have headings: this machine first, then the hosts by their most urgent session', () => {
    expect(shown(screenState(far))).toEqual([
      'host:',
      'tool1',
      'idle1',
      'host:lab:8384',
      'lab:8384 l1',
      'lab:8384 l2',
      'host:box',
      'box b1',
      'host:slow',
    ]);
  });

  it('have no headings without other hosts', () => {
    expect(shown(screenState(board(far.rows)))).not.toContain('host:');
  });

  it('start with the cursor on a session, not on a heading', () => {
    expect(screenState(far).selectedKey).toContain('tool1');
    const silent = screenState(board([], { hosts }));
    expect(silent.selectedKey).toBe('host:');
    expect(
      reduce(silent, { type: 'board' }, { board: far, nowMs: nowMs + 1000 }).state.selectedKey,
    ).toContain('tool1');
  });

  it('are shown with the problem of each host', () => {
    expect(picture(screenState(far), 80, 16)).toMatchInlineSnapshot(`
      " otop   ? 1 asking   ▶ 1 working   ○ 3 idle  in 8.2M  out 412K  $6.31  14:30:00
       STATUS ▴         TITLE                          UP  ROUND  CPU  MEM  CTX   COST
       [-] desk  this machine  ▶ 1 working  ○ 1 idle
      ▌▶ tool use 12s   Debug the pipeline          2h10m  5m12s 4.1% 812M  24%  $0.31
       ○ idle 30s       Write the changelog         2h09m  5m12s 4.1% 812M  24%  $0.31
       [-] lab:8384  otop away, heard 3m ago  ? 1 asking  ○ 1 idle  nothing listens t…
      ~? question 6m    Train it                    2h04m  5m12s 4.1% 812M  24%  $0.31
      ~○ idle 30s       Clean up                    2h04m  5m12s 4.1% 812M  24%  $0.31
       [-] box  ssh  ○ 1 idle
       ○ idle 30s       Port the parser             2h04m  5m12s 4.1% 812M  24%  $0.31
       [-] slow  ssh connecting  no sessions




       ? help  Enter detail  o jump  w next waiting  i inbox  / filter  otop 0.2% 84M"
    `);
    expect(picture(screenState(far), 120, 34)).toMatchInlineSnapshot(`
      " otop   ? 1 asking   ▶ 1 working   ○ 3 idle                       today 14 sessions  in 8.2M  out 412K  $6.31  14:30:00
      ┌ tokens/min  0-4.2K ──────────────────────────────────────┐┌ context ─────────────────────────────────────────────────┐
      │ all            ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▄▃▆█▃   4.2K ││ Write the changelog █████░░░░░░░░░░░░░░   24%   48K/200K │
      │ Write the cha… ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▃▄▆▂   2.9K ││ Debug the pipeline  █████░░░░░░░░░░░░░░   24%   48K/200K │
      │ Debug the pip… ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▃▄▆▂   2.9K ││ Port the parser     █████░░░░░░░░░░░░░░   24%   48K/200K │
      │ Port the pars… ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▂▂▃▄▆▂   2.9K ││ Train it            █████░░░░░░░░░░░░░░   24%   48K/200K │
      └──────────────────────────────────────────────────────────┘└──────────────────────────────────────────────────────────┘
       STATUS ▴         TITLE  1-8 of 9                  SID             UP  CPU   CTX    IN   COST MODEL           TMUX
       [-] desk  this machine  ▶ 1 working  ○ 1 idle

      ▌▶ tool use 12s   Debug the pipeline               ses_…tool1   2h10m 4.1%   24%  1.0M  $0.31 claude-opus-4-6 work:5.1
      ▌  34 msgs        Reading the failing fixture now  pid 2495     5m12s 812M   48K  9.1K   2.9K build           pts/0
       ○ idle 30s       Write the changelog              ses_…idle1   2h09m 4.1%   24%  1.0M  $0.31 claude-opus-4-6 work:3.1
         34 msgs        Reading the failing fixture now  pid 2463     5m12s 812M   48K  9.1K   2.9K build           pts/0
       [-] lab:8384  otop away, heard 3m ago  ? 1 asking  ○ 1 idle
           nothing listens there
      ~? question 6m    Train it                         ses_…ffel1   2h04m 4.1%   24%  1.0M  $0.31 claude-opus-4-6 work:7.1
         34 msgs        Reading the failing fixture now  pid 2157     5m12s 812M   48K  9.1K   2.9K build           pts/0
      ~○ idle 30s       Clean up                         ses_…ffel2   2h04m 4.1%   24%  1.0M  $0.31 claude-opus-4-6 work:8.1
         34 msgs        Reading the failing fixture now  pid 2158     5m12s 812M   48K  9.1K   2.9K build           pts/0
       [-] box  ssh  ○ 1 idle

       ○ idle 30s       Port the parser                  ses_…ffeb1   2h04m 4.1%   24%  1.0M  $0.31 claude-opus-4-6 work:7.1
         34 msgs        Reading the failing fixture now  pid 2147     5m12s 812M   48K  9.1K   2.9K build           pts/0
      ┌ detail  Debug the pipeline  1-7 of 11 ───────────────────────────────────────────────────────────────────────────────┐
      │ state     ▶ tool use for 12s                                                                                         │
      │ you 5m    split the client into transport and session                                                                │
      │ said      Reading the failing fixture now                                                                            │
      │ tokens    in 120K  cached 900K  cache written 0  out 9.0K  reasoning 100                                             │
      │ context   24%  48K tokens  of 200K                                                                                   │
      │ cost      $0.31                                                                                                      │
      │ model     anthropic/claude-opus-4-6  agent build  opencode 1.18.33                                                   │
      └──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
       ? help  Enter detail  o jump  w next waiting  i inbox  / filter  q quit  z pause  s flip           otop 0.2% 84M 3.2ms"
    `);
    expect(picture(screenState(far), 40, 12)).toMatchInlineSnapshot(`
      " otop   ? 1   ▶ 1   ○ 3 $6.31  14:30:00
       STATUS ▴ TITLE               CTX   COST
       [-] desk  this machine  ▶ 1 working  ○…
      ▌▶ 12s    Debug the pipeline  24%  $0.31
       ○ 30s    Write the changel…  24%  $0.31
       [-] lab:8384  otop away, heard 3m ago
      ~? 6m     Train it            24%  $0.31
      ~○ 30s    Clean up            24%  $0.31
       [-] box  ssh  ○ 1 idle
       ○ 30s    Port the parser     24%  $0.31
       [-] slow  ssh connecting  no sessions
       ? help  Enter detail  o jump"
    `);
  });

  it('fold with a key on the heading, which keeps their counts, and stay folded', () => {
    const folded = press(screenState(far), 'j', 'j', 'Space');
    expect(folded.selectedKey).toBe('host:lab:8384');
    expect(shown(folded)).not.toContain('lab:8384 l1');
    const later = reduce(folded, { type: 'board' }, { board: far, nowMs: nowMs + 20_000 }).state;
    expect(shown(later)).toEqual(shown(folded));
    expect(picture(folded, 80, 16)).toMatchInlineSnapshot(`
      " otop   ? 1 asking   ▶ 1 working   ○ 3 idle  in 8.2M  out 412K  $6.31  14:30:00
       STATUS ▴         TITLE                          UP  ROUND  CPU  MEM  CTX   COST
       [-] desk  this machine  ▶ 1 working  ○ 1 idle
       ▶ tool use 12s   Debug the pipeline          2h10m  5m12s 4.1% 812M  24%  $0.31
       ○ idle 30s       Write the changelog         2h09m  5m12s 4.1% 812M  24%  $0.31
      ▌[+] lab:8384  otop away, heard 3m ago  ? 1 asking  ○ 1 idle  nothing listens t…
       [-] box  ssh  ○ 1 idle
       ○ idle 30s       Port the parser             2h04m  5m12s 4.1% 812M  24%  $0.31
       [-] slow  ssh connecting  no sessions






       ? help  Enter detail  o jump  w next waiting  i inbox  / filter  otop 0.2% 84M"
    `);
    expect(shown(press(folded, '+'))).toContain('lab:8384 l1');
    expect(shown(press(folded, 'Enter'))).toContain('lab:8384 l1');
    expect(press(folded, 'Enter').focus).toBe('table');
  });

  it('unfold when the user presses w and one of them waits', () => {
    const ui = press(screenState(far), 'j', 'j', '-', 'w');
    expect(ui.selectedKey).toContain('lab:8384 ses_');
    expect(shown(ui)).toContain('lab:8384 l1');
  });

  it('are those of one host after h, until Esc', () => {
    const menu = press(screenState(far), 'h');
    expect(menu.menu?.items.map(({ label, detail }) => `${label} ${detail ?? ''}`)).toMatchInlineSnapshot(`
      [
        "all hosts ",
        "desk this machine, 2 sessions",
        "box ssh, 1 session",
        "lab:8384 otop, away, 2 sessions, 1 needs you",
        "slow ssh, connecting, 0 sessions",
      ]
    `);
    const only = press(menu, 'j', 'j', 'Enter');
    expect(shown(only)).toEqual(['host:box', 'box b1']);
    expect(shown(press(only, 'Esc'))).toHaveLength(9);
  });

  it('on another host allow no jump and no end, and neither does a heading', () => {
    const ui = press(screenState(far), 'w');
    expect(keyAction('o', ui, far)).toEqual({ disabled: 'the session runs on lab:8384, in tmux work:7.1' });
    expect(keyAction('x', ui, far)).toEqual({ disabled: 'this row belongs to the host lab:8384' });
    const heading = { ...ui, selectedKey: 'host:box' };
    expect(keyAction('o', heading, far)).toEqual({ disabled: 'the cursor is on a heading' });
    expect(keyAction('Space', ui, far)).toEqual({ disabled: 'the cursor is not on the heading of a host' });
  });

  it('are selected by digits that do not count the headings', () => {
    const numbered = [...'123459'].map((digit) => press(screenState(far), digit).selectedKey ?? '');
    expect(numbered.map((key) => key.replace('ses_dfc4cf0c2ffe', ''))).toEqual([
      'tool1',
      'idle1',
      'lab:8384 l1',
      'lab:8384 l2',
      'box b1',
      'box b1',
    ]);
  });

  it('can be filtered by host', () => {
    const ui = press(screenState(far), '/', 'h', 'o', 's', 't', ':', 'b', 'o', 'x', 'Enter');
    expect(shown(ui)).toEqual(['host:box', 'box b1']);
  });
});
