import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DetailReader } from '../../lib/dashboard/detail-reader.ts';
import type { Board, Row } from '../../lib/domain/board/board.ts';
import { statusFormats } from '../../lib/domain/board/status-format-names.ts';
import { resumeCommand } from '../../lib/domain/process/commands.ts';
import { isSessionId } from '../../lib/domain/session/session-id.ts';
import { reduce } from '../../lib/domain/ui/reduce.ts';
import { initialUiState, type UiState } from '../../lib/domain/ui/ui-state.ts';
import { conversations } from '../../lib/monitor/conversations.ts';
import { SessionDetails } from '../../lib/sources/opencode/session-detail.ts';
import { RemoteDetails } from '../../lib/sources/server/remote-details.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { layOutDashboard } from '../../lib/view/dashboard-layout.ts';
import { detailContent } from '../../lib/view/detail-content.ts';
import { frameText } from '../../lib/view/frame.ts';
import { unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { spansWidth } from '../../lib/view/line.ts';
import { statusText } from '../../lib/view/status-formats.ts';
import { frame } from '../support/board.ts';
import { type HostileAnswers, hostileAnswers } from '../support/hostile-answers.ts';
import { canary, hostileBundles } from '../support/hostile-texts.ts';
import { printedOutputs, statusFaults } from '../support/outputs.ts';
import { headlessScreen } from '../support/screen.ts';
import { engine } from '../support/session-source.ts';
import { foreignIn, harmIn } from '../support/terminal-bytes.ts';
import { within } from '../support/wait.ts';

let world: HostileAnswers;
let board: Board;

beforeAll(async () => {
  world = await hostileAnswers();
  await world.monitor.refresh({ sessions: 'history' }, Date.now);
  board = world.monitor.board(Date.now());
});
afterAll(() => world.close());

const selected = (row: Row | undefined, some: Partial<UiState> = {}): UiState => ({
  ...initialUiState,
  order: board.rows.map(({ key }) => key),
  ...(row && { selectedKey: row.key }),
  all: true,
  ...some,
});

/** Shows one frame after another on a screen, checks the width of each line, and returns the bytes sent. */
async function sentFor(cols: number, rows: number, states: readonly UiState[]): Promise<string> {
  const screen = headlessScreen(cols, rows);
  for (const ui of states) {
    const view = dashboardView(board, ui, frame(cols, rows, { nowMs: board.atMs }));
    for (const { rect, lines } of view.panels)
      for (const line of lines) expect(spansWidth(line.spans)).toBe(rect.width);
    await screen.show(view);
    expect(screen.text()).toBe(frameText(view));
  }
  screen.close();
  return screen.sent();
}

describe('hostile texts in every response of other machines and servers', () => {
  it('are on the Board and in refusals, but not as ids', () => {
    const of = (host: string) => board.rows.filter((row) => row.host === host);
    expect([of('srv').length, of('box').length]).toEqual([hostileBundles.length, hostileBundles.length]);
    const titled = board.rows.filter(({ session }) => session?.title?.includes(canary));
    expect(titled).toHaveLength(board.rows.length);
    expect(board.counts.asking).toBeGreaterThan(hostileBundles.length / 2);
    const sessions = board.rows.flatMap((row) => [
      row.session,
      ...row.children.map(({ session }) => session),
    ]);
    const ids = sessions.flatMap((session) => (session ? [session.id, session.parentId ?? 'none'] : []));
    expect(ids.filter((id) => !isSessionId(id))).toEqual([]);
    expect(world.servers.asks().map(({ ask }) => ask.id)).not.toEqual([]);
    for (const { ask, sessionId } of world.servers.asks())
      expect([ask.id, sessionId].filter((id) => !isSessionId(id))).toEqual([]);
    const refusals = board.troubles.map(({ text }) => text).filter((line) => /^(rude|closed)/.test(line));
    expect(refusals).toHaveLength(2);
    for (const row of board.rows)
      if (row.session)
        expect(resumeCommand(row, row.session)).toMatch(/^\P{Cc}*opencode (attach .*)?-s ses_\w+'?$/u);
  });

  it.each([
    [160, 45],
    [80, 24],
    [40, 12],
  ] as const)('send no foreign sequence to a terminal of %i by %i', async (cols, rows) => {
    const states = board.rows.filter((_row, at) => at % 8 === 0).map((row) => selected(row));
    const sent = await sentFor(cols, rows, states);
    expect(sent).toContain(canary);
    expect(foreignIn(sent)).toEqual([]);
  });

  it('send no foreign sequence from the inbox and its dialogs', async () => {
    const act = (ui: UiState, action: Parameters<typeof reduce>[1]) =>
      reduce(ui, action, { board, nowMs: board.atMs }).state;
    const inbox = act(selected(undefined), { type: 'inbox-open', asks: world.servers.asks() });
    const states = Array.from({ length: inbox.menu?.items.length ?? 0 }, (_each, index) =>
      act(inbox, { type: 'menu-choose', index }),
    );
    expect(states.length).toBeGreaterThan(hostileBundles.length / 2);
    const sent = await sentFor(120, 40, [inbox, ...states]);
    expect(sent).toContain(canary);
    expect(foreignIn(sent)).toEqual([]);
  });

  it('send no foreign sequence from the conversation of a server', async () => {
    const local = new SessionDetails(engine);
    let read: () => void = () => undefined;
    const remote = new RemoteDetails(
      (id) => world.servers.apiOf(id),
      () => read(),
    );
    const sources = {
      details: conversations(local, remote),
      pane: undefined,
      evidence: () => world.monitor.evidence(board),
      mcpServers: () => [],
    };
    const reader = new DetailReader(sources, { glyphs: unicodeGlyphs, utcOffsetMinutes: 0 });
    const screen = headlessScreen(120, 40);
    const context = frame(120, 40, { nowMs: board.atMs });
    for (const row of board.rows.filter(({ host }) => host === 'srv').slice(0, 12)) {
      const arrived = new Promise<void>((resolve) => {
        read = resolve;
      });
      for (const detailTab of ['log', 'log', 'todos', 'facts'] as const) {
        const ui = selected(row, { focus: 'detail', detailTab });
        const { openDetail } = layOutDashboard(board, ui, context);
        if (!openDetail) throw new Error('no room for the detail log');
        const detail = detailContent(row, detailTab, reader.read(row, ui, openDetail), context);
        await screen.show(dashboardView(board, ui, { ...context, detail }));
        await within('the conversation', arrived);
      }
    }
    reader.close();
    local.close();
    screen.close();
    expect(screen.sent().split(canary).length).toBeGreaterThan(100);
    expect(foreignIn(screen.sent())).toEqual([]);
  });

  it('are harmless text in the output of each command', async () => {
    const outputs = await printedOutputs(board, world.monitor.evidence(board), () => undefined);
    for (const [name, text] of Object.entries(outputs))
      expect([name, harmIn(text)]).toEqual([name, undefined]);
    for (const name of ['sessions', 'serve', 'watch', 'waiting', 'troubles'] as const)
      expect([name, outputs[name].includes(canary)]).toEqual([name, true]);
    expect(outputs.report).not.toContain(canary);
  });

  it.each(statusFormats)('leave the status line in %s well-formed', (format) => {
    expect(statusFaults(statusText(board, format, unicodeGlyphs), format)).toEqual([]);
  });
});
