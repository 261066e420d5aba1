import type { Board, Row } from '../../lib/domain/board/board.ts';
import { type SessionState, type StateName, stateNames } from '../../lib/domain/session/state.ts';
import type { Action } from '../../lib/domain/ui/action.ts';
import { reduce } from '../../lib/domain/ui/reduce.ts';
import { initialUiState, type UiState } from '../../lib/domain/ui/ui-state.ts';
import type { FrameInput } from '../../lib/view/frame-input.ts';
import { unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { ago, match, model, nowMs, pane, process, prompt, session, text, tokens } from './builders.ts';

/** Returns a state that began `secondsAgo`; asking, error and truncated need you. */
export function state(name: StateName, secondsAgo: number, some: Partial<SessionState> = {}): SessionState {
  return {
    name,
    sinceMs: ago(secondsAgo),
    needsYou: name === 'asking' || name === 'error' || name === 'truncated',
    unread: false,
    rule: 'spec',
    ...some,
  };
}

/** Returns a row with its own process and session, idle for half a minute. */
export function row(id: string, title: string, some: Partial<Row> = {}): Row {
  const number = [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const pid = 2000 + number;
  return {
    key: `ses_dfc4cf0c2ffe${id}`,
    host: text('desk'),
    process: process({
      pid,
      startedAtMs: ago(7320 + number),
      pane: pane({ target: text(`work:${number % 10}.1`) }),
    }),
    match: match(pid, `ses_dfc4cf0c2ffe${id}`),
    session: session({
      id: `ses_dfc4cf0c2ffe${id}`,
      title: text(title),
      messageCount: 34,
      lastPrompt: prompt({
        createdAtMs: ago(312),
        text: text('split the client into transport and session'),
      }),
      lastOutput: text('Reading the failing fixture now'),
      contextTokens: 48_000,
      tokens: tokens({ input: 120_000, output: 9_000, reasoning: 100, cacheRead: 900_000 }),
      model,
    }),
    state: state('idle', 30),
    context: { usedTokens: 48_000, limitTokens: 200_000, percent: 24 },
    cost: { own: 0.31, total: 0.31 },
    children: [],
    tokensPerMinute: [0, 0, 100, 400, 900, 2000, 2900, 700],
    ...some,
  };
}

/** Returns a Board of rows, with counts computed from them. */
export function board(rows: readonly Row[], some: Partial<Board> = {}): Board {
  const counts = Object.fromEntries(stateNames.map((name) => [name, 0])) as Record<StateName, number>;
  for (const each of rows) counts[each.state.name] += 1;
  return {
    atMs: nowMs,
    rows,
    processes: rows.flatMap(({ process: one }) => one ?? []),
    counts,
    needsYouCount: rows.filter((each) => each.state.needsYou).length,
    unreadCount: rows.filter((each) => each.state.unread).length,
    today: {
      sessionCount: 14,
      messageCount: 1200,
      tokens: tokens({ input: 1_200_000, output: 412_000, cacheRead: 7_000_000 }),
      cost: 6.31,
    },
    tokensPerMinute: [0, 200, 800, 1500, 900, 3000, 4200, 1400],
    troubles: [],
    hosts: [],
    demo: false,
    ...some,
  };
}

/** Rows in many states, some with wide or joined characters in their titles. */
export const fleet: readonly Row[] = [
  row('idle1', 'Write the changelog'),
  row('tool1', 'Debug the pipeline', {
    state: state('tool use', 12, { tool: text('bash') }),
    tokensPerMinute: [0, 0, 0, 0, 0, 0, 1300, 20],
  }),
  row('ask1', 'Refactor the api client', {
    state: state('asking', 185, {
      askingFor: 'permission',
      tool: text('bash'),
      detail: text('npm test'),
    }),
    context: { usedTokens: 162_000, limitTokens: 200_000, percent: 81 },
    cost: { own: 1, total: 1.2 },
  }),
  row('cjk1', '日本語のタイトルを直す 👍 done', {
    state: state('idle', 65, { unread: true }),
    context: { usedTokens: 182_000, limitTokens: 200_000, percent: 91 },
  }),
  row('err1', 'Ship it 👨‍👩‍👧', {
    state: state('error', 600, { detail: text('APIError: insufficient quota') }),
    cost: {},
    context: {},
  }),
];

/** Returns the context of a frame, at the specs' time in UTC. */
export function frame(cols: number, rows: number, some: Partial<FrameInput> = {}): FrameInput {
  return {
    cols,
    rows,
    nowMs,
    utcOffsetMinutes: 0,
    glyphs: unicodeGlyphs,
    self: { cpuPercent: 0.2, rssBytes: 84 * 2 ** 20, frameMs: 3.2 },
    ...some,
  };
}

/** Returns the screen's state after a Board and after these actions, one second apart. */
export function screenState(of: Board, ...actions: readonly Action[]): UiState {
  let ui = reduce(initialUiState, { type: 'board' }, { board: of, nowMs }).state;
  actions.forEach((action, index) => {
    ui = reduce(ui, action, { board: of, nowMs: nowMs + index * 1000 }).state;
  });
  return ui;
}
