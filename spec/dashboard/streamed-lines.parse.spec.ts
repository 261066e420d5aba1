import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { streamedLine } from '../../lib/dashboard/streamed-lines.ts';

function screen(name: string): string[] {
  return readFileSync(new URL(`../fixtures/screen/${name}.txt`, import.meta.url), 'utf8').split('\n');
}

it.each([
  ['1.18.33-streaming', 'mango7x1p1. word 37 of mango7x1p1. word 38 of mango7x1p1.'],
  [
    '1.18.33-streaming-wide',
    'plum7x2p1. word 36 of plum7x2p1. word 37 of plum7x2p1. word 38 of plum7x2p1. word 39 of plum7x2p1.',
  ],
  ['1.2.27-streaming-wide', 'word 39 of plum7x2p1.'],
  ['1.2.27-first-token', undefined],
])('finds the last line above the footer of the message: %s', (name, line) => {
  expect(streamedLine(screen(name))).toBe(line);
});

it('finds no line on the screen of another program, on an empty one, or below a tool call', () => {
  expect(streamedLine(['$ ls', 'a.txt', '$'])).toBeUndefined();
  expect(streamedLine([])).toBeUndefined();
  expect(
    streamedLine(['     Earlier words', '', '  ┃  # Todos', '', '     ▣  Build · Fake One']),
  ).toBeUndefined();
});

it('leaves out the scroll bar and the side bar, also beside an empty line', () => {
  const lines = [
    '     so it ends.                █    6% used',
    '                                █                    Context',
    '     ▣  Build · Fake One        █',
  ];
  expect(streamedLine(lines)).toBe('so it ends.');
});
