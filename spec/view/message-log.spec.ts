import { describe, expect, it } from 'vitest';
import type { HistoryMessage } from '../../lib/domain/session/session-detail.ts';
import { sanitizeLines } from '../../lib/text/sanitize.ts';
import { textWidth } from '../../lib/text/width.ts';
import { asciiGlyphs, unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { lineText, spansWidth } from '../../lib/view/line.ts';
import { messageLines } from '../../lib/view/message-log.ts';
import { text } from '../support/builders.ts';

const atMs = Date.parse('2026-11-22T14:02:11Z');
const user: HistoryMessage = {
  id: 'msg_1',
  role: 'user',
  createdAtMs: atMs,
  tools: [],
  lines: [text('split the *client* into'), text('transport and session')],
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

function picture(messages: readonly HistoryMessage[], cells: number, glyphs = unicodeGlyphs): string {
  const lines = messages.flatMap((message) => messageLines(message, cells, { glyphs, utcOffsetMinutes: 0 }));
  expect(lines.every(({ spans }) => spansWidth(spans) <= cells)).toBe(true);
  return `\n${lines.map(lineText).join('\n')}\n`;
}

const markdown = `# Plan for **v2**

Read \`client.ts\` first, then [the docs](https://example.org/docs).

- move the transport
  1. without touching retries, whose budget is a promise to every caller
- [x] done already
- [ ] not yet
> quoted words

\`\`\`ts
const a = { b: '**not bold**' };
    indented();
\`\`\`
---
2 * 3 * 4 stays, and snake_case_names too`;

describe('a conversation', () => {
  it('shows time, speaker, text, tools and usage', () => {
    const running: HistoryMessage = {
      id: 'msg_3',
      role: 'assistant',
      createdAtMs: atMs + 14_000,
      tools: [{ tool: text('bash'), status: 'running', subject: text('sleep 60') }],
      lines: [],
    };
    const failed: HistoryMessage = {
      id: 'msg_4',
      role: 'assistant',
      error: { name: text('APIError'), message: text('bad request') },
      tools: [],
      lines: [],
    };
    expect(picture([user, answer, running, failed], 80)).toMatchInlineSnapshot(`
      "
      14:02:11 you        split the *client* into
                          transport and session
      14:02:12 build      Reading the fixture now.
                          ✓ bash npm test
                          ✓ todowrite
                            {"todos":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                            xxxxxxxxxxxxxxxxxxxxxxxxx…
                          ✖ edit a.ts  rejected
                          in 10K  out 400  $0.12  12s  length
      14:02:25 assistant  ▶ bash sleep 60
      -        assistant  APIError: bad request
      "
    `);
  });

  it('puts the speaker above the text if there is little room', () => {
    expect(picture([user, answer], 36)).toMatchInlineSnapshot(`
      "
      14:02:11 you        
        split the *client* into
        transport and session
      14:02:12 build      
        Reading the fixture now.
        ✓ bash npm test
        ✓ todowrite
          {"todos":"xxxxxxxxxxxxxxxxxxxxxx
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          xxxxxxx…
        ✖ edit a.ts  rejected
        in 10K  out 400  $0.12  12s
        length
      "
    `);
  });

  it('gives every speaker the same width, agents with long or wide names included', () => {
    const agents = ['build', 'release-manager', '日本語エージェント', '🦀crab'].map(text);
    const spoken = agents.flatMap((agent) =>
      picture([{ ...answer, agent }], 70)
        .split('\n')
        .slice(1, 2),
    );
    const starts = spoken.map((line) => textWidth(line.slice(0, line.indexOf('Reading'))));
    expect(starts).toEqual([20, 20, 20, 20]);
    expect(spoken[1]).toContain('release-m… ');
  });

  it('makes Markdown readable', () => {
    const message = { ...answer, tools: [], lines: sanitizeLines(markdown) };
    expect(picture([message], 76)).toMatchInlineSnapshot(`
      "
      14:02:12 build      Plan for v2
                          Read client.ts first, then the docs
                          (https://example.org/docs).
                          • move the transport
                            1. without touching retries, whose budget is a promise
                               to every caller
                          ✓ done already
                          ○ not yet
                          │ quoted words
                          ts
                            const a = { b: '**not bold**' };
                                indented();
                          ────────────
                          2 * 3 * 4 stays, and snake_case_names too
                          in 10K  out 400  $0.12  12s  length
      "
    `);
    expect(picture([message], 76, asciiGlyphs)).toContain('- move the transport');
  });

  it('leaves the text of a person unchanged', () => {
    expect(picture([{ ...user, lines: [text('**raw** `signs`')] }], 80)).toContain('**raw** `signs`');
  });
});
