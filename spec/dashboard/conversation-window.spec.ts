import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConversationWindow } from '../../lib/dashboard/conversation-window.ts';
import type { HistoryMessage } from '../../lib/domain/session/session-detail.ts';
import { lineText, span } from '../../lib/view/line.ts';
import { text } from '../support/builders.ts';

const rows = 10;
/** Message `index` has `index % 3 + 1` lines. */
const message = (index: number): HistoryMessage => ({
  id: `msg_${index}`,
  role: 'user',
  tools: [],
  lines: Array.from({ length: (index % 3) + 1 }, (_, line) => text(`${index}.${line}`)),
});
const layOut = (each: HistoryMessage) => each.lines.map((line) => ({ spans: [span(line)] }));

let stored: HistoryMessage[];
let read: number;
let window: ConversationWindow;
const texts = (top?: number) => window.show(top, rows).lines.map(lineText);

beforeEach(() => {
  stored = Array.from({ length: 10_000 }, (_, index) => message(index));
  read = 0;
  window = new ConversationWindow((from, count) => {
    const found = stored.slice(from, from + count);
    read += found.length;
    return found;
  }, layOut);
  window.changed(stored.length);
});

describe('a long conversation', () => {
  it('opens at its end and reads only about a screen', () => {
    expect(texts().at(-1)).toBe('9999.0');
    expect(read).toBeLessThanOrEqual(40);
    expect(window.show(undefined, rows).messages).toEqual([9996, 10_000]);
  });

  it('reads earlier messages while the user scrolls up, and moves no visible line', () => {
    let { top } = window.show(undefined, rows);
    let before = texts(top);
    for (let step = 0; step < 300; step += 1) {
      top -= 1;
      const now = texts(top);
      expect(now.slice(1)).toEqual(before.slice(0, -1));
      before = now;
    }
    expect(read).toBeLessThan(300);
  });

  it('jumps to its beginning and back to its end without reading the rest', () => {
    const start = window.show(Number.NEGATIVE_INFINITY, rows);
    expect(start.lines.map(lineText)[0]).toBe('0.0');
    expect(start.top).toBe(start.first);
    expect(read).toBeLessThanOrEqual(80);
    expect(texts(start.top - 5)[0]).toBe('0.0');
    expect(texts(start.top + 5)[0]).toBe('2.2');
    expect(texts(Number.POSITIVE_INFINITY).at(-1)).toBe('9999.0');
  });

  it('follows its end while it grows, and stays in place if the user scrolled', () => {
    const { top } = window.show(undefined, rows);
    const held = texts(top - 4);
    stored.push(message(10_000));
    window.changed(stored.length);
    expect(texts(top - 4)).toEqual(held);
    expect(texts().at(-1)).toBe('10000.1');
  });

  it('reads messages again that opencode is still writing', () => {
    stored[9999] = { ...message(9999), lines: [text('grown'), text('longer')] };
    window.changed(stored.length);
    expect(texts().slice(-2)).toEqual(['grown', 'longer']);
  });

  it('handles messages that are reverted', () => {
    stored.length = 3;
    window.changed(3);
    expect(texts()).toEqual(['0.0', '1.0', '1.1', '2.0', '2.1', '2.2']);
    stored.length = 0;
    window.changed(0);
    expect(texts()).toEqual([]);
  });

  it('keeps the position of the top message when the width changes', () => {
    const { top } = window.show(undefined, rows);
    const [first] = texts(top - 30);
    window.layOutAgain((each) => layOut(each).flatMap((line) => [line, line]), top - 30);
    const [, ...again] = [...new Set(texts(top - 30))];
    expect(again.length).toBeGreaterThan(3);
    expect(Number.parseInt(texts(top - 30)[0] ?? '', 10)).toBeCloseTo(Number.parseInt(first ?? '', 10), -1);
  });

  it('shows the same lines as a window that has read the whole conversation, after any moves', () => {
    const all = stored.flatMap((each) => each.lines.map(String));
    const moves = fc.array(
      fc.oneof(fc.integer({ min: -60, max: 60 }), fc.constantFrom(-Infinity, Infinity)),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(moves, (steps) => {
        let { top } = window.show(undefined, rows);
        for (const step of steps) {
          const view = window.show(Number.isFinite(step) ? top + step : step, rows);
          top = view.top;
          const at = all.indexOf(view.lines.map(lineText)[0] ?? '');
          expect(view.lines.map(lineText)).toEqual(all.slice(at, at + rows));
        }
      }),
      { numRuns: 50 },
    );
  });
});
