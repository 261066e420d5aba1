import { beforeEach, describe, expect, it } from 'vitest';
import { DetailReader } from '../../lib/dashboard/detail-reader.ts';
import type { HistoryMessage } from '../../lib/domain/session/session-detail.ts';
import { initialUiState } from '../../lib/domain/ui/ui-state.ts';
import { unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { lineText } from '../../lib/view/line.ts';
import { row } from '../support/board.ts';
import { session, text } from '../support/builders.ts';

const space = { cells: 80, rows: 20 };
const message = (index: number): HistoryMessage => ({
  id: `msg_${index}`,
  role: 'user',
  tools: [],
  lines: [text(`message ${index}`)],
});

let stored: HistoryMessage[];
let reads: string[];
let reader: DetailReader;

beforeEach(() => {
  stored = Array.from({ length: 10_000 }, (_, index) => message(index));
  reads = [];
  reader = new DetailReader(
    {
      details: {
        open: () => {
          reads.push('open');
          return undefined;
        },
        messageCount: ({ messageCount }) => messageCount,
        messages: (_session, from, count) => {
          reads.push(`${from}+${count}`);
          return stored.slice(from, from + count);
        },
        revision: () => '',
        close: () => undefined,
      },
      pane: undefined,
      evidence: () => {
        throw new Error('not asked for here');
      },
      mcpServers: () => [],
    },
    { glyphs: unicodeGlyphs, utcOffsetMinutes: 0 },
  );
});

const long = row('l', 'Long', { session: session({ messageCount: 10_000 }) });
const read = () => reader.read(long, initialUiState, space).log;

describe('the detail log of a session of 10,000 messages', () => {
  it('opens with one screen of messages, counts nothing, and reads nothing for the next frame', () => {
    expect(read()?.view.lines.map(lineText).at(-1)).toContain('message 9999');
    const opening = [...reads];
    expect(opening).toEqual(['9988+12', '9976+12']);
    read();
    expect(reads).toEqual(opening);
  });

  it('returns no log while no message can be read, and returns it when one can', () => {
    const unreadable = stored;
    stored = [];
    expect(read()).toBeUndefined();
    stored = unreadable;
    expect(read()?.view.lines.map(lineText).at(-1)).toContain('message 9999');
  });
});
