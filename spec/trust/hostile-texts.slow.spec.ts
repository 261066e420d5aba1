import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DetailReader } from '../../lib/dashboard/detail-reader.ts';
import type { Board, Row } from '../../lib/domain/board/board.ts';
import { statusFormats } from '../../lib/domain/board/status-format-names.ts';
import { resumeCommand } from '../../lib/domain/process/commands.ts';
import { isSessionId } from '../../lib/domain/session/session-id.ts';
import { type DetailTab, detailTabs } from '../../lib/domain/ui/key-binding.ts';
import { initialUiState, type UiState } from '../../lib/domain/ui/ui-state.ts';
import { conversations } from '../../lib/monitor/conversations.ts';
import { takeFirstBoard } from '../../lib/monitor/take-board.ts';
import { sanitize, sanitizeLines, sanitizeSpaced } from '../../lib/text/sanitize.ts';
import { parseSgr } from '../../lib/text/sgr.ts';
import { type DashboardView, dashboardView } from '../../lib/view/dashboard.ts';
import { layOutDashboard } from '../../lib/view/dashboard-layout.ts';
import { detailContent } from '../../lib/view/detail-content.ts';
import { frameText } from '../../lib/view/frame.ts';
import { asciiGlyphs, unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { lineText, spansWidth } from '../../lib/view/line.ts';
import { statusText } from '../../lib/view/status-formats.ts';
import { frame } from '../support/board.ts';
import { canary, hostileBundles, hostileTexts } from '../support/hostile-texts.ts';
import { type HostileWorld, hostileWorld } from '../support/hostile-world.ts';
import { printedOutputs, statusFaults } from '../support/outputs.ts';
import { headlessScreen } from '../support/screen.ts';
import { foreignIn, harmIn } from '../support/terminal-bytes.ts';
import { openPane } from '../support/tmux.ts';
import { until } from '../support/wait.ts';

let world: HostileWorld;
let board: Board;

beforeAll(async () => {
  world = await hostileWorld();
  await takeFirstBoard(world.monitor, world.nowMs);
  await until('all sessions', async () => {
    await world.monitor.refresh({ sessions: 'history' }, () => world.nowMs);
    return !world.monitor.isCatchingUp;
  });
  board = world.monitor.board(world.nowMs);
});
afterAll(() => world.close());

const opened = (key: string | undefined, some: Partial<UiState> = {}): UiState => ({
  ...initialUiState,
  order: board.rows.map((row) => row.key),
  ...(key !== undefined && { selectedKey: key }),
  all: true,
  ...some,
});

/** Returns the frame after checking that each line has exactly the width of its panel. */
function aligned(view: DashboardView): DashboardView {
  for (const { rect, lines } of view.panels)
    for (const line of lines)
      if (spansWidth(line.spans) !== rect.width) expect(lineText(line)).toBe(rect.width);
  return view;
}

/** The frame with a row's detail log open at a tab. */
function detailView(row: Row, detailTab: DetailTab, reader: DetailReader): DashboardView {
  const ui = opened(row.key, { focus: 'detail', detailTab });
  const context = frame(120, 40, { nowMs: board.atMs });
  const { openDetail } = layOutDashboard(board, ui, context);
  if (!openDetail) throw new Error('no room for the detail log');
  const detail = detailContent(row, detailTab, reader.read(row, ui, openDetail), context);
  return aligned(dashboardView(board, ui, { ...context, detail }));
}

function detailReader(): DetailReader {
  const sources = {
    details: conversations(world.details, undefined),
    pane: undefined,
    evidence: () => world.monitor.evidence(board),
    mcpServers: world.mcpServers,
  };
  return new DetailReader(sources, { glyphs: unicodeGlyphs, utcOffsetMinutes: 0 });
}

describe('hostile texts in every field that is read', () => {
  it('lose their hostile characters in each sanitizer, but not their words', () => {
    expect(hostileTexts.length).toBeGreaterThanOrEqual(300);
    expect(hostileTexts.filter((text) => !sanitize(text).includes(canary))).toEqual([]);
    expect(hostileTexts.flatMap((text) => harmIn(sanitize(text)) ?? [])).toEqual([]);
    expect(hostileTexts.flatMap((text) => sanitizeLines(text).flatMap((line) => harmIn(line) ?? []))).toEqual(
      [],
    );
    expect(hostileTexts.flatMap((text) => harmIn(sanitizeSpaced(text)) ?? [])).toEqual([]);
    const pieces = hostileTexts.flatMap((text) => parseSgr(text, {}).pieces);
    expect(pieces.flatMap(({ text }) => harmIn(text) ?? [])).toEqual([]);
  });

  it('are all on the Board, in rows of many states', () => {
    const { asking, error, retrying, idle } = board.counts;
    expect(Math.min(asking, error, retrying, idle)).toBeGreaterThan(0);
    expect(board.rows.length).toBeGreaterThanOrEqual(hostileBundles.length);
    expect(board.processes).toHaveLength(hostileBundles.length);
    expect(
      board.rows.filter(({ session }) => session?.title?.includes(canary)).length,
    ).toBeGreaterThanOrEqual(hostileBundles.length);
    const placed = board.processes.filter(({ pane }) => pane?.title.includes(canary));
    expect(placed.length).toBeGreaterThan(hostileBundles.length / 2);
  });

  it("send only text and otop's own sequences to the terminal, at every size and on every page", async () => {
    for (const [cols, rows] of [
      [160, 45],
      [80, 24],
      [40, 12],
    ] as const) {
      const screen = headlessScreen(cols, rows);
      for (let at = 0; at < board.rows.length; at += 8) {
        const view = dashboardView(
          board,
          opened(board.rows[at]?.key),
          frame(cols, rows, { nowMs: board.atMs }),
        );
        await screen.show(aligned(view));
        expect(screen.text()).toBe(frameText(view));
      }
      screen.close();
      const sent = screen.sent();
      expect(sent).toContain(canary);
      expect(foreignIn(sent)).toEqual([]);
    }
  });

  it("send only text and otop's own sequences from each tab of the detail log", async () => {
    const screen = headlessScreen(120, 40);
    const reader = detailReader();
    const shown = new Set<DetailTab>();
    const others = detailTabs.filter((tab) => tab !== 'log');
    for (const [number, row] of board.rows.entries()) {
      for (const tab of row.session ? (['log', others[number % others.length] ?? 'why'] as const) : []) {
        const view = detailView(row, tab, reader);
        if (frameText(view).split('\n').slice(2).join('\n').includes(canary)) shown.add(tab);
        await screen.show(view);
      }
    }
    screen.close();
    expect(foreignIn(screen.sent())).toEqual([]);
    expect([...shown].sort()).toEqual(['facts', 'log', 'mcp', 'pane', 'subagents', 'todos', 'why']);
  });

  it('have the computed width in a real tmux', async () => {
    const [cols, rows] = [120, 40];
    const frames = [0, 15, 30].map((at) =>
      frameText(dashboardView(board, opened(board.rows[at]?.key), frame(cols, rows, { nowMs: board.atMs }))),
    );
    for (const [number, text] of frames.entries()) {
      const path = join(world.folder, `frame-${number}`);
      writeFileSync(path, text);
      const pane = openPane(
        `otop-hostile-${process.pid}-${number}`,
        cols,
        rows,
        `cat ${path}; exec cat > /dev/null`,
      );
      try {
        await pane.until((captured) => captured.replace(/\n+$/, '') === text.replace(/\n+$/, ''));
      } finally {
        pane.close();
      }
    }
  });

  it('are harmless text in the output of each command', async () => {
    const outputs = await printedOutputs(board, world.monitor.evidence(board), (session) => {
      return world.details.open(session)?.todos;
    });
    for (const [name, text] of Object.entries(outputs))
      expect([name, harmIn(text)]).toEqual([name, undefined]);
    for (const name of ['sessions', 'serve', 'why', 'watch'] as const)
      expect(outputs[name]).toContain(canary);
    expect(outputs.report).not.toContain(canary);
    expect(JSON.parse(outputs.sessions)).toHaveLength(board.rows.length);
  });

  it.each(statusFormats)('leave the status line in %s well-formed', (format) => {
    for (const glyphs of [unicodeGlyphs, asciiGlyphs])
      expect(statusFaults(statusText(board, format, glyphs), format)).toEqual([]);
  });

  it('are on the Board only with valid session ids', () => {
    expect(board.rows.flatMap(({ session }) => session?.id ?? []).filter((id) => !isSessionId(id))).toEqual(
      [],
    );
    for (const row of board.rows)
      if (row.session)
        expect(resumeCommand(row, row.session)).toMatch(/^(cd \P{Cc}* && )?opencode -s ses_\w+$/u);
  });
});
