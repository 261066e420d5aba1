import { describe, expect, it } from 'vitest';
import type { Row, Subagent } from '../../../lib/domain/board/board.ts';
import { screenBoard } from '../../../lib/domain/board/tree.ts';
import type { Action } from '../../../lib/domain/ui/action.ts';
import { keyAction } from '../../../lib/domain/ui/key-action.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import type { UiState } from '../../../lib/domain/ui/ui-state.ts';
import { dashboardView } from '../../../lib/view/dashboard.ts';
import { frameText } from '../../../lib/view/frame.ts';
import { asciiGlyphs } from '../../../lib/view/glyphs.ts';
import { board, frame, row, screenState, state } from '../../support/board.ts';
import { nowMs, session, text } from '../../support/builders.ts';

function child(id: string, title: string, some: Partial<Subagent> = {}): Subagent {
  return {
    session: session({ id: `ses_${id}`, title: text(title) }),
    state: state('idle', 5),
    depth: 1,
    context: { usedTokens: 30_000, limitTokens: 200_000, percent: 15 },
    cost: 0.2,
    ...some,
  };
}

const parent: Row = row('p', 'Migrate the store', {
  state: state('asking', 60, { askingFor: 'permission', detail: text('rm -r build') }),
  children: [
    child('c1', 'write the schema', { state: state('asking', 60, { askingFor: 'permission' }) }),
    child('c2', 'check the schema', { depth: 2 }),
    child('c3', 'search for callers'),
  ],
});
const shown = board([row('a', 'Another'), parent]);
const keys = (ui: UiState) => ui.order.map((key) => key.replace('ses_dfc4cf0c2ffe', '').replace('ses_', ''));
const act = (ui: UiState, action: Action, atMs = 0) =>
  reduce(ui, action, { board: shown, nowMs: nowMs + atMs }).state;
const tree = () => act(screenState(shown), { type: 'tree' });

describe('the tree of subagents', () => {
  it('puts them under their root, in their order, with any sort order of the roots', () => {
    expect(keys(screenState(shown))).toEqual(['p', 'a']);
    expect(keys(tree())).toEqual(['p', 'c1', 'c2', 'c3', 'a']);
    const byTitle = act(tree(), { type: 'sort-by', column: 'title' });
    expect(keys(byTitle)).toEqual(['a', 'p', 'c1', 'c2', 'c3']);
  });

  it('shows the asking subagent and its depth, and the process only once', () => {
    const view = dashboardView(shown, tree(), frame(76, 9));
    expect(`\n${frameText(view)}\n`).toMatchInlineSnapshot(`
      "
       otop   ? 1 asking   ○ 1 idle            in 8.2M  out 412K  $6.31  14:30:00
       STATUS ▴         TITLE                             UP  CPU  MEM  CTX   COST
      ▌? permission 1m  Migrate the store              2h03m 4.1% 812M  24%  $0.31
       ? permission 1m  └ write the schema                              15%  $0.20
       ○ idle 5s          └ check the schema                            15%  $0.20
       ○ idle 5s        └ search for callers                            15%  $0.20
       ○ idle 30s       Another                        2h03m 4.1% 812M  24%  $0.31
       subagents are shown under their parents
       ? help  Enter detail  o jump  w next waiting  i inbox        otop 0.2% 84M
      "
    `);
    const ascii = dashboardView(shown, tree(), frame(76, 9, { glyphs: asciiGlyphs }));
    expect(frameText(ascii)).toContain('  ` check the schema');
  });

  it('folds the subagents, also from one of them, and shows their number', () => {
    const inside = act(tree(), { type: 'move', by: 2 });
    const folded = act(inside, { type: 'fold', away: true });
    expect(keys(folded)).toEqual(['p', 'a']);
    expect(folded.selectedKey).toBe(parent.key);
    expect(frameText(dashboardView(shown, folded, frame(76, 9)))).toContain('[+3] Migrate the store');
    expect(keys(act(folded, { type: 'fold', away: false }))).toEqual(['p', 'c1', 'c2', 'c3', 'a']);
  });

  it('adds a new subagent under its root while the rows keep their order', () => {
    const moved = act(tree(), { type: 'move', by: 1 });
    const more = { ...parent, children: [child('c0', 'a new one'), ...parent.children] };
    const next = board([...shown.rows.filter(({ key }) => key !== parent.key), more]);
    const { state: settled } = reduce(moved, { type: 'board' }, { board: next, nowMs: nowMs + 100 });
    expect(keys(settled)).toEqual(['p', 'c0', 'c1', 'c2', 'c3', 'a']);
    expect(settled.selectedKey).toBe('ses_c1');
  });

  it('selects the root of the selected subagent when it closes', () => {
    const inside = act(tree(), { type: 'move', by: 2 });
    expect(act(inside, { type: 'tree' }).selectedKey).toBe(parent.key);
  });

  it('runs actions on the session of the selected subagent', () => {
    const ui = act(tree(), { type: 'move', by: 1 });
    const visible = screenBoard(shown, ui);
    expect(keyAction('y', ui, visible)).toEqual({ action: { type: 'copy', what: 'id' } });
    expect(reduce(ui, { type: 'copy', what: 'id' }, { board: shown, nowMs }).effects).toEqual([
      { type: 'copy', key: 'ses_c1', what: 'id' },
    ]);
    expect(keyAction('+', ui, visible)).toEqual({ action: { type: 'fold', away: false } });
    expect(keyAction('+', screenState(shown), shown)).toEqual({ disabled: 'the tree is off: F5 shows it' });
  });
});
