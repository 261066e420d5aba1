import { describe, expect, it } from 'vitest';
import type { DetailTab } from '../../lib/domain/ui/key-binding.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { type DetailReading, detailContent } from '../../lib/view/detail-content.ts';
import type { FrameInput } from '../../lib/view/frame-input.ts';
import { unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { lineText } from '../../lib/view/line.ts';
import { board, fleet, row, state } from '../support/board.ts';
import { session } from '../support/builders.ts';

const atMs = Date.parse('2026-11-22T14:02:11Z');
const input: FrameInput = { cols: 80, rows: 24, nowMs: atMs, utcOffsetMinutes: 0, glyphs: unicodeGlyphs };
const text = (raw: string) => sanitize(raw);
const empty = { lines: [], top: 0, first: 0, last: 0 };

const shown = (tab: DetailTab, reading: DetailReading, row = board(fleet).rows[0]) => {
  if (!row) throw new Error('the fleet is empty');
  const { body } = detailContent(row, tab, reading, input);
  return `\n${(body.kind === 'text' ? body : body.view).lines.map(lineText).join('\n')}\n`;
};

describe('the open detail log', () => {
  it('says that there is nothing to show', () => {
    expect(shown('log', {})).toContain('no messages can be read now');
    expect(shown('log', { log: { view: empty, messageCount: 0 } })).toContain('no messages yet');
    const { session: _session, ...bare } = row('new', '');
    expect(shown('log', {}, bare)).toContain('no session yet');
    expect(shown('todos', {})).toContain('no todos');
    expect(shown('why', {})).toContain('nothing to explain');
    expect(shown('subagents', {})).toContain('no subagents');
    const helper = {
      session: session({ title: text('find the callers') }),
      state: state('idle', 5),
      depth: 1,
    };
    expect(shown('subagents', {}, row('one', 'One', { children: [helper] }))).toMatch(/^\n1 subagent\b/);
    expect(shown('mcp', { mcp: [] })).toContain('no MCP servers are configured for this directory');
    expect(shown('pane', {})).toContain('asking tmux');
    expect(shown('pane', { pane: text('the pane work:1.0 is gone') })).toContain('work:1.0 is gone');
  });

  it('leaves a blank between the time since the last prompt and its text after any time', () => {
    const asked = (seconds: number) => {
      const createdAtMs = atMs - seconds * 1000;
      const lastPrompt = { id: 'msg_1', kind: 'prompt' as const, createdAtMs, text: text('fix it') };
      return shown('facts', {}, row('one', 'One', { session: session({ lastPrompt }) }));
    };
    const times = [0, 59, 600, 26 * 60 + 45, 3599, 86_399, 99 * 86_400, 3000 * 86_400];
    expect(times.filter((seconds) => !/\nyou \d+[smhd] +fix it\n/.test(asked(seconds)))).toEqual([]);
  });

  it('shows todos by their state', () => {
    const todo = (content: string, status: string, priority?: string) => ({
      content: text(content),
      status: text(status),
      ...(priority !== undefined && { priority: text(priority) }),
    });
    const todos = [
      todo('Read the code', 'completed', 'high'),
      todo('Write the change', 'in_progress', 'high'),
      todo('Tell the others', 'pending'),
      todo('Invent a wheel', 'cancelled', 'low'),
    ];
    expect(shown('todos', { todos })).toMatchInlineSnapshot(`
      "
      ✓ Read the code
      ▶ Write the change  (high)
      ○ Tell the others
      - Invent a wheel  (cancelled)
      "
    `);
  });

  it('shows MCP servers, disabled ones included', () => {
    const mcp = [
      {
        name: text('context7'),
        type: 'remote' as const,
        endpoint: text('https://mcp.context7.com'),
        enabled: true,
      },
      { name: text('files'), type: 'local' as const, endpoint: text('node files.mjs'), enabled: false },
    ].map((server) => ({ ...server, from: text('~/.config/opencode/opencode.json') }));
    expect(shown('mcp', { mcp })).toMatchInlineSnapshot(`
      "
      ✓ context7  remote  https://mcp.context7.com  (~/.config/opencode/opencode.json)
      ○ files  local, disabled  node files.mjs  (~/.config/opencode/opencode.json)
      "
    `);
  });
});
