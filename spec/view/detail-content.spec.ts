import { describe, expect, it } from 'vitest';
import type { HistoryMessage } from '../../lib/domain/session-detail.ts';
import type { DetailTab } from '../../lib/domain/ui-state.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { type DetailReading, detailContent } from '../../lib/view/detail-content.ts';
import type { FrameContext } from '../../lib/view/frame-context.ts';
import { unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { lineText } from '../../lib/view/line.ts';
import { board, fleet } from '../support/board.ts';

const atMs = Date.parse('2026-11-22T14:02:11Z');
const context: FrameContext = { cols: 80, rows: 24, nowMs: atMs, utcOffsetMinutes: 0, glyphs: unicodeGlyphs };
const text = (raw: string) => sanitize(raw);
const user: HistoryMessage = {
  id: 'msg_1',
  role: 'user',
  createdAtMs: atMs,
  tools: [],
  lines: [text('split the client'), text('into transport and session')],
};
const answer: HistoryMessage = {
  id: 'msg_2',
  role: 'assistant',
  agent: text('build'),
  createdAtMs: atMs + 1000,
  completedAtMs: atMs + 13_000,
  tokens: { input: 2000, output: 300, reasoning: 100, cacheRead: 8000, cacheWrite: 0 },
  cost: 0.12,
  finish: text('length'),
  tools: [
    { tool: text('bash'), status: 'completed', subject: text('npm test') },
    { tool: text('todowrite'), status: 'completed', input: text(`{"todos":"${'x'.repeat(500)}"}`) },
    { tool: text('edit'), status: 'error', subject: text('a.ts'), error: text('rejected') },
  ],
  lines: [text('Reading the fixture now.')],
};

const shown = (tab: DetailTab, reading: DetailReading) => {
  const row = board(fleet).rows[0];
  if (!row) throw new Error('the fleet is empty');
  return `\n${detailContent(row, tab, reading, context).lines.map(lineText).join('\n')}\n`;
};

describe('the open detail log', () => {
  it('shows the conversation: when, who, what, with which tools, and what it took', () => {
    const running: HistoryMessage = {
      id: 'msg_3',
      role: 'assistant',
      createdAtMs: atMs + 14_000,
      tokens: { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite: 0 },
      tools: [{ tool: text('bash'), status: 'running', subject: text('sleep 60') }],
      lines: [],
    };
    expect(shown('log', { messages: [user, answer, running], earlierCount: 12 })).toMatchInlineSnapshot(`
      "
      12 earlier messages
      14:02:11 you        split the client
                          into transport and session
      14:02:12 build      Reading the fixture now.
                          ✓ bash npm test
                          ✓ todowrite {"todos":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
                          ✖ edit a.ts  rejected
                          in 10K  out 400  $0.12  12s  length
      14:02:25 assistant  ▶ bash sleep 60
      "
    `);
  });

  it('shows an error in place of an answer, and a message without a time', () => {
    const failed: HistoryMessage = {
      id: 'msg_4',
      role: 'assistant',
      error: { name: text('APIError'), message: text('bad request') },
      tools: [],
      lines: [],
    };
    expect(shown('log', { messages: [failed] })).toMatchInlineSnapshot(`
      "
      -        assistant  APIError: bad request
      "
    `);
  });

  it('cuts one endless message, and says by how much', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => text(`line ${index}`));
    const log = shown('log', { messages: [{ ...user, lines }] });
    expect(log.trim().split('\n')).toHaveLength(61);
    expect(log).toContain('940 more lines');
  });

  it('says so where there is nothing to show', () => {
    expect(shown('log', {})).toContain('no messages can be read now');
    expect(shown('log', { messages: [] })).toContain('no messages yet');
    expect(shown('todos', {})).toContain('no todos');
    expect(shown('why', {})).toContain('nothing to explain');
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
      ✓ Invent a wheel
      "
    `);
  });
});
