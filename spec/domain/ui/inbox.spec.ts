import { describe, expect, it } from 'vitest';
import type { Board } from '../../../lib/domain/board/board.ts';
import type { PendingAsk } from '../../../lib/domain/session/acts.ts';
import type { ReportedAsk, ReportedQuestion } from '../../../lib/domain/session/reported-status.ts';
import type { Effect } from '../../../lib/domain/ui/action.ts';
import { keyAction } from '../../../lib/domain/ui/key-action.ts';
import { reduce } from '../../../lib/domain/ui/reduce.ts';
import type { UiState } from '../../../lib/domain/ui/ui-state.ts';
import { dashboardView } from '../../../lib/view/dashboard.ts';
import { frameText } from '../../../lib/view/frame.ts';
import { board, frame, row, screenState, state } from '../../support/board.ts';
import { ago, nowMs, session, text } from '../../support/builders.ts';

const asking = (tool: string) =>
  state('asking', 60, { askingFor: 'permission', tool: text('bash'), detail: text(tool) });
const rows = [
  row('a', 'Refactor the client', { state: asking('npm test') }),
  row('b', 'Debug the pipeline', { state: asking('npm test') }),
  row('c', 'Plan the release', {
    state: state('asking', 30, { askingFor: 'question' }),
    children: [{ session: session({ id: 'ses_sub' }), state: state('asking', 30), depth: 1 }],
  }),
  row('d', 'In a plain terminal', { state: asking('rm -r build') }),
];
const all: Board = board(rows);

const permission = (id: string, seconds: number): ReportedAsk => ({
  id,
  kind: 'permission',
  tool: text('bash'),
  patterns: [text('npm test')],
  askedAtMs: ago(seconds),
  always: [text('npm *')],
});
const question: ReportedAsk = {
  id: 'que_1',
  kind: 'question',
  patterns: [text('Which db?')],
  askedAtMs: ago(30),
  questions: [
    {
      question: text('Which db?'),
      options: [{ label: text('pg'), description: text('the usual') }, { label: text('sqlite') }],
      multiple: false,
      custom: true,
    },
    {
      question: text('Which tests?'),
      options: [{ label: text('unit') }, { label: text('end to end') }],
      multiple: true,
      custom: false,
    },
  ],
};
const pending: readonly PendingAsk[] = [
  { sessionId: 'ses_dfc4cf0c2ffeb', ask: permission('per_b', 50) },
  { sessionId: 'ses_sub', ask: question },
  { sessionId: 'ses_dfc4cf0c2ffea', ask: permission('per_a', 60) },
];

interface Screen {
  ui: UiState;
  effects: Effect[];
}

/** The screen with the inbox opened on these asks, after these keys. */
function pressed(...keys: string[]): Screen {
  let ui = screenState(all);
  const effects: Effect[] = [];
  const act = (action: Parameters<typeof reduce>[1]) => {
    const step = reduce(ui, action, { board: all, nowMs: nowMs + 10_000 });
    ui = step.state;
    effects.push(...step.effects);
    if (step.effects.some(({ type }) => type === 'inbox')) act({ type: 'inbox-open', asks: pending });
  };
  for (const key of ['i', ...keys]) {
    const known = keyAction(key, ui, all);
    if (known === undefined || 'disabled' in known) throw new Error(`${key}: ${JSON.stringify(known)}`);
    act(known.action);
  }
  return { ui, effects: effects.filter(({ type }) => type !== 'inbox') };
}

const picture = ({ ui }: Screen) =>
  frameText(dashboardView(all, ui, frame(84, 24)))
    .split('\n')
    .slice(9)
    .join('\n');

describe('the inbox', () => {
  it('lists all asks, identical ones next to each other, and those that otop cannot answer', () => {
    expect(picture(pressed())).toMatchInlineSnapshot(`
      "│           npm test                                                               │
      │ you 5m    split the client into transport and session                            │
      │ said      Reading the failing fixture now                                        │
      │ tokens    in 120K  cached 900K  cache written 0  out 9.0K  reasoning 100         │
      │ context   24%  48K tokens  of 200K                                               │
      │ cost      $0.31                                                                  │
      │ model     anthropic/claude-opus-4-6  agent build  opencode 1.18.33               │
      │ session   ses_dfc4cf0c2ffea  /home/u/projA                                       │
      ┌ inbox ───────────────────────────────────────────────────────────────────────────┐
      │▌ Refactor the client  bash: npm test (2 ask the same)                            │
      │  Debug the pipeline   bash: npm test (2 ask the same)                            │
      │  Plan the release     Which db?                                                  │
      │  In a plain terminal  bash: rm -r build (no server reaches it: jump to its termi…│
      └──────────────────────────────────────────────────────────────────────────────────┘
       Enter choose  Esc close  j down  k up                                otop 0.2% 84M"
    `);
  });

  it('opens an ask with its possible answers', () => {
    expect(picture(pressed('Enter'))).toMatchInlineSnapshot(`
      "│           npm test                                                               │
      │ you 5m    split the client into transport and session                            │
      │ said      Reading the failing fixture now                                        │
      │ tokens    in 120K  cached 900K  cache written 0  out 9.0K  reasoning 100         │
      │ context   24%  48K tokens  of 200K                                               │
      ┌ permission: Refactor the client ─────────────────────────────────────────────────┐
      │ bash: npm test                                                                   │
      │▌ 1  allow once                                                                   │
      │  r  reject                                                                       │
      │  2  allow once            in all 2 sessions that ask the same                    │
      │     always …              lasts; the word has to be typed: would allow npm *     │
      │  o  jump to its terminal                                                         │
      │  X  end the turn …                                                               │
      └──────────────────────────────────────────────────────────────────────────────────┘
       Enter choose  Esc back  j down  k up                                 otop 0.2% 84M"
    `);
  });

  it('does not answer anything from the list itself', () => {
    expect(pressed('Enter').effects).toEqual([]);
    expect(pressed('Enter', 'Esc').ui.menu?.title).toBe('inbox');
  });

  it('allows once with 1 or Enter', () => {
    const once = [{ type: 'answer', asks: [pending[2]], answer: { kind: 'allow once' } }];
    expect(pressed('Enter', '1').effects).toEqual(once);
    expect(pressed('Enter', 'Enter').effects).toEqual(once);
  });

  it('rejects with r, and answers all identical asks with 2', () => {
    expect(pressed('Enter', 'r').effects).toMatchObject([{ answer: { kind: 'reject' } }]);
    expect(pressed('Enter', '2').effects).toEqual([
      { type: 'answer', asks: [pending[2], pending[0]], answer: { kind: 'allow once' } },
    ]);
  });

  it('allows always only after the typed word, and keeps that word out of the history', () => {
    const prompted = pressed('Enter', 'j', 'j', 'j', 'Enter');
    expect(picture(prompted)).toContain('type always to allow it from now on:');
    const typed = pressed('Enter', 'j', 'j', 'j', 'Enter', ...'always', 'Enter');
    expect(typed.effects).toMatchObject([{ answer: { kind: 'always', typed: 'always' } }]);
    expect(typed.ui.typed.answer).toEqual([]);
    const pasted = reduce(prompted.ui, { type: 'paste', text: 'always' }, { board: all, nowMs }).state;
    expect(pasted.prompt?.line.text).toBe('');
    expect(pressed('Enter', 'j', 'j', 'j', 'Enter', 'a', 'Esc').effects).toEqual([]);
  });

  it('shows the questions of an ask one after the other, and accepts options or typed words', () => {
    expect(picture(pressed('j', 'j', 'Enter'))).toMatchInlineSnapshot(`
      "│           npm test                                                               │
      │ you 5m    split the client into transport and session                            │
      │ said      Reading the failing fixture now                                        │
      │ tokens    in 120K  cached 900K  cache written 0  out 9.0K  reasoning 100         │
      │ context   24%  48K tokens  of 200K                                               │
      ┌ question 1/2: Plan the release ──────────────────────────────────────────────────┐
      │ Which db?                                                                        │
      │▌ 1  pg                    the usual                                              │
      │  2  sqlite                                                                       │
      │  w  in words …                                                                   │
      │  r  dismiss                                                                      │
      │  o  jump to its terminal                                                         │
      │  X  end the turn …                                                               │
      └──────────────────────────────────────────────────────────────────────────────────┘
       Enter choose  Esc back  j down  k up                                 otop 0.2% 84M"
    `);
    const second = pressed('j', 'j', 'Enter', '1', '1', '2');
    expect(picture(second)).toMatchInlineSnapshot(`
      "│           npm test                                                               │
      │ you 5m    split the client into transport and session                            │
      │ said      Reading the failing fixture now                                        │
      │ tokens    in 120K  cached 900K  cache written 0  out 9.0K  reasoning 100         │
      │ context   24%  48K tokens  of 200K                                               │
      ┌ question 2/2: Plan the release ──────────────────────────────────────────────────┐
      │ Which tests?                                                                     │
      │ [✓]  1  unit                                                                     │
      │▌[✓]  2  end to end                                                               │
      │         answer with these                                                        │
      │      r  dismiss                                                                  │
      │      o  jump to its terminal                                                     │
      │      X  end the turn …                                                           │
      └──────────────────────────────────────────────────────────────────────────────────┘
       Enter choose  Esc back  j down  k up                                 otop 0.2% 84M"
    `);
    expect(pressed('j', 'j', 'Enter', '1', '1', '2', 'j', 'Enter').effects).toMatchObject([
      { asks: [pending[1]], answer: { kind: 'answers', answers: [['pg'], ['unit', 'end to end']] } },
    ]);
    const worded = pressed('j', 'j', 'Enter', 'w', 'm', 'y', 'Space', 's', 'Enter');
    expect(worded.ui.menu?.text).toEqual(['Which tests?']);
    expect(pressed('j', 'j', 'Enter', 'r').effects).toMatchObject([{ answer: { kind: 'dismiss' } }]);
  });

  it('offers the jump if no server takes an answer', () => {
    const jumped = pressed('j', 'j', 'j', 'Enter');
    expect(jumped.effects).toEqual([{ type: 'jump', key: rows[3]?.key }]);
    expect(jumped.ui.selectedKey).toBe(rows[3]?.key);
  });

  it('does not offer the jump for an ask that was answered just now', () => {
    const [first, ...others] = pending;
    if (first === undefined) throw new Error('nobody asks');
    const labels = (answered: readonly PendingAsk[]) =>
      reduce(
        screenState(all),
        { type: 'inbox-open', asks: others, answered },
        { board: all, nowMs },
      ).state.menu?.items.map(({ detail }) => detail);
    const jumps = (details: readonly (string | undefined)[] | undefined) =>
      details?.filter((detail) => detail?.includes('no server reaches it')).length;
    expect(jumps(labels([]))).toBe(2);
    expect(jumps(labels([first]))).toBe(1);
  });

  it('shows a notice if nobody asks', () => {
    const quiet = board([row('q', 'Quiet')]);
    const { state: ui } = reduce(
      screenState(quiet),
      { type: 'inbox-open', asks: [] },
      { board: quiet, nowMs },
    );
    expect(ui.notice?.text).toBe('no session asks anything');
  });

  it('is disabled with --read-only, and so is the end of a turn', () => {
    const ui = { ...screenState(all), readOnly: true };
    expect(keyAction('i', ui, all)).toEqual({ disabled: 'otop was started with --read-only' });
    expect(keyAction('X', ui, all)).toEqual({ disabled: 'otop was started with --read-only' });
  });

  it('offers neither a jump nor the end of the turn in the simulated fleet', () => {
    const demo = board(rows, { demo: true });
    const opened = reduce(screenState(demo), { type: 'inbox-open', asks: pending }, { board: demo, nowMs });
    const ask = reduce(opened.state, { type: 'menu-choose', index: 0 }, { board: demo, nowMs });
    expect(ask.state.menu?.items.map(({ key }) => key)).toEqual(['1', 'r', '2', undefined]);
    expect(keyAction('X', screenState(demo), demo)).toEqual({ disabled: 'a simulated turn cannot be ended' });
  });
});

describe('the end of a turn', () => {
  it('needs a yes', () => {
    const asked = pressed('Enter', 'X');
    expect(asked.effects).toEqual([]);
    expect(asked.ui.confirmation?.lines[0]).toBe("End the turn of 'Refactor the client'?");
    const yes = reduce(asked.ui, { type: 'confirm-key', key: 'y' }, { board: all, nowMs: nowMs + 20_000 });
    expect(yes.effects).toEqual([{ type: 'abort', sessionId: 'ses_dfc4cf0c2ffea' }]);
    expect(
      reduce(asked.ui, { type: 'confirm-key', key: 'n' }, { board: all, nowMs: nowMs + 20_000 }).effects,
    ).toEqual([]);
  });

  it('applies to the selected session of the table', () => {
    const { state: ui } = reduce(screenState(all), { type: 'confirm-abort' }, { board: all, nowMs });
    expect(ui.confirmation?.yes).toEqual({ type: 'abort', sessionId: ui.selectedKey });
  });
});

describe('a form of opencode 2', () => {
  const form = (questions?: readonly ReportedQuestion[]): readonly PendingAsk[] => [
    {
      sessionId: 'ses_dfc4cf0c2ffea',
      ask: {
        id: 'frm_1',
        kind: 'question',
        patterns: [text('Which docs?')],
        ...(questions && { questions }),
      },
    },
  ];
  const field = (
    type: NonNullable<ReportedQuestion['field']>['type'],
    some: Partial<ReportedQuestion> & { readonly isRequired?: boolean } = {},
  ): ReportedQuestion => {
    const { isRequired = true, ...rest } = some;
    const isNumber = type === 'integer' || type === 'number';
    return {
      question: text(`A ${type}`),
      options: [],
      multiple: false,
      custom: type !== 'boolean',
      field: { key: type, type, isRequired, ...(isNumber && { minimum: 1, maximum: 5 }) },
      ...rest,
    };
  };

  function opened(asks: readonly PendingAsk[], ...keys: string[]): Screen {
    let ui = reduce(screenState(all), { type: 'inbox-open', asks }, { board: all, nowMs }).state;
    const effects: Effect[] = [];
    for (const key of ['Enter', ...keys]) {
      const known = keyAction(key, ui, all);
      if (known === undefined || 'disabled' in known) throw new Error(`${key}: ${JSON.stringify(known)}`);
      const step = reduce(ui, known.action, { board: all, nowMs });
      ui = step.state;
      effects.push(...step.effects);
    }
    return { ui, effects };
  }
  const menuOf = ({ ui }: Screen) =>
    ui.menu?.items.map(({ label, detail }) => (detail === undefined ? label : `${label} (${detail})`));

  it('that otop cannot show offers the jump first, since Enter must not dismiss it', () => {
    const screen = opened(form());
    expect(screen.ui.menu?.text).toEqual([
      'Which docs?',
      'otop cannot show this form: answer it in opencode',
    ]);
    expect(menuOf(screen)).toEqual(['jump to its terminal', 'dismiss', 'end the turn …']);
    expect(opened(form(), 'Enter').effects).toEqual([{ type: 'jump', key: rows[0]?.key }]);
  });

  it('asks for a number with its limits, and again for one that does not fit', () => {
    const asks = form([field('integer')]);
    expect(menuOf(opened(asks))?.[0]).toBe('a whole number … (from 1 up to 5)');
    const wrong = opened(asks, 'w', '9', 'Enter');
    expect([wrong.ui.menu?.text?.[1], wrong.effects, menuOf(wrong)?.[0]]).toEqual([
      '9 is more than 5: A integer',
      [],
      'a whole number … (from 1 up to 5)',
    ]);
    expect(opened(asks, 'w', '3', 'Enter').effects).toMatchObject([{ answer: { answers: [['3']] } }]);
  });

  it('asks for yes or no, and lets what is not required be left out', () => {
    const yesNo = field('boolean', {
      options: [
        { label: text('Yes'), value: true },
        { label: text('No'), value: false },
      ],
      isRequired: false,
    });
    const asks = form([yesNo, field('string', { isRequired: false })]);
    expect(menuOf(opened(asks))).toEqual([
      'Yes',
      'No',
      'leave it out',
      'dismiss',
      'jump to its terminal',
      'end the turn …',
    ]);
    expect(opened(asks, '2', 'j', 'Enter').effects).toMatchObject([{ answer: { answers: [['No'], []] } }]);
  });
});
