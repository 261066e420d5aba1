import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachCharacter } from '../../lib/text/width.ts';
import { filmToCast } from '../../scripts/film/cast.ts';
import { type Film, recordFilm } from '../../scripts/film/record.ts';
import { set, storyboard } from '../../scripts/film/storyboard.ts';
import { filmToSvg } from '../../scripts/film/svg.ts';

const committed = (name: string) => readFileSync(resolve(import.meta.dirname, '../../.github', name), 'utf8');

let folder: string;
let film: Film;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'otop-film-'));
  film = await recordFilm(set, storyboard, folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the README's film", () => {
  it('is the one that `npm run readme` builds', () => {
    expect(filmToSvg(film) === committed('otop.svg')).toBe(true);
    expect(filmToCast(film) === committed('otop.cast')).toBe(true);
  });

  it('lasts at most 25 seconds, and shows the answer to a session that asks', () => {
    expect(film.durationMs).toBeLessThanOrEqual(25_000);
    const text = (index: number) =>
      film.frames[index]?.cells.map((row) => row.map((cell) => cell.text).join('')).join('\n');
    expect(text(film.stillFrame)).toMatch(/1 asking[\s\S]*▌\? permission/);
    expect(text(film.frames.length - 1)).toMatch(/▌▶ tool use[\s\S]*allowed once: bash/);
  });

  it('fails with the reason if a key of the script does nothing, or if nobody asks', async () => {
    const play = (...steps: typeof storyboard) => recordFilm(set, steps, folder);
    await expect(play({ press: 'F9', everyMs: 100 })).rejects.toThrow(
      'the key F9 does nothing at 0 ms of the film: a simulated process cannot be ended',
    );
    await expect(play({ untilAsking: 1, limitMs: 300 })).rejects.toThrow(/no session asks .* another seed/);
  });
});

describe('the animated picture', () => {
  const svg = committed('otop.svg');

  it('has at most 600 KB', () => {
    expect(Buffer.byteLength(svg)).toBeLessThanOrEqual(600_000);
  });

  it('is well-formed', () => {
    const open: string[] = [];
    for (const [, closing, name = '', empty] of svg.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
      if (closing) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg.replace(/&#\d+;/g, '')).not.toMatch(/&|[\0-\x08\x0b-\x1f]/);
  });

  it('needs no script and no other file', () => {
    const names = new Set([...svg.matchAll(/<(\w+)/g)].map(([, name]) => name));
    expect([...names].sort()).toEqual(['g', 'path', 'rect', 'style', 'svg', 'text']);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /href|url\(|@import|https?:|\bon\w+=/,
    );
  });

  it('shows one whole frame where nothing may move', () => {
    expect(svg).toContain('@media(prefers-reduced-motion:reduce){g{animation:none!important}}');
    const still = svg.replace(/<g class="t\w+">.*<\/g>\n/g, '');
    const words = [...still.matchAll(/<text [^>]*>([^<]*)/g)].map(([, word]) => word);
    expect(words).toEqual(expect.arrayContaining(['otop', 'STATUS', 'permission', 'w']));
    expect(words).not.toContain('allowed');
  });
});

describe('the asciinema cast', () => {
  const [header = '', ...lines] = committed('otop.cast').trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as [number, string, string]);

  it('has the header of version 2, without a time of its own', () => {
    expect(JSON.parse(header)).toMatchObject({ version: 2, width: set.cols, height: set.rows + 2 });
    expect(header).not.toContain('timestamp');
  });

  it('has events in the order of time: output, and a marker for each caption', () => {
    const times = events.map(([atSeconds]) => atSeconds);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.at(-1)).toBe(film.durationMs / 1000);
    expect(new Set(events.map(([, code]) => code))).toEqual(new Set(['o', 'm']));
    const captions = storyboard.flatMap((step) => ('caption' in step ? [step.caption] : []));
    expect(events.flatMap(([, code, text]) => (code === 'm' ? [text] : []))).toEqual(captions);
  });

  it('draws each frame of the film on a terminal', () => {
    const screen = Array.from({ length: set.rows }, () => Array.from({ length: set.cols }, () => ' '));
    const played = new Map<number, string>();
    for (const [atSeconds, code, output] of events) {
      if (code === 'o') play(output, screen);
      played.set(atSeconds, screen.map((row) => row.join('')).join('\n'));
    }
    for (const { atMs, cells } of film.frames) {
      const frame = cells.map((row) => row.map((cell) => cell.text).join('')).join('\n');
      expect([atMs, played.get(atMs / 1000)]).toEqual([atMs, frame]);
    }
  });
});

/** Plays cursor positions and text on a screen; a wide character leaves its second cell empty. */
function play(output: string, screen: string[][]): void {
  let [row, col] = [0, 0];
  for (const [, rowNumber, colNumber, text] of output.matchAll(
    /\x1b\[(\d+);(\d+)H|\x1b\[[?\d;]*[a-zA-Z]|([^\x1b]+)/g,
  )) {
    if (rowNumber !== undefined) [row, col] = [Number(rowNumber) - 1, Number(colNumber) - 1];
    eachCharacter(text ?? '', (character, width) => {
      const cells = screen[row];
      if (cells) cells.splice(col, width, character, ...(width === 2 ? [''] : []));
      col += width;
    });
  }
}
