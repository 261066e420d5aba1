import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timedPolls, troubleLogger } from '../../lib/monitor/board-log.ts';
import { type LogLevel, openLogger } from '../../lib/system/logger.ts';
import { board } from '../support/board.ts';
import { nowMs, text } from '../support/builders.ts';
import { handClock } from '../support/clock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-logger-'));
  path = join(folder, 'otop.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (level: LogLevel = 'info', maxBytes?: number) =>
  openLogger({ path, level, nowMs: () => nowMs, ...(maxBytes !== undefined && { maxBytes }) });
const lines = () => readFileSync(path, 'utf8').trimEnd().split('\n');

describe("otop's own log", () => {
  it('is written as logfmt, like opencode’s own', () => {
    open().log('warn', 'a look was slow', { look: 'tick', ms: 120, why: undefined });
    expect(lines()).toEqual([
      'timestamp=2026-11-22T14:30:00.000Z level=WARN message="a look was slow" look=tick ms=120',
    ]);
  });

  it('contains the lines of its level and of those before it, and no others', () => {
    for (const level of ['error', 'info', 'debug'] as const) {
      const logger = open(level);
      for (const each of ['error', 'warn', 'info', 'debug'] as const) logger.log(each, level);
    }
    expect(lines().map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      'level=ERROR message=error',
      'level=ERROR message=info',
      'level=WARN message=info',
      'level=INFO message=info',
      'level=ERROR message=debug',
      'level=WARN message=debug',
      'level=INFO message=debug',
      'level=DEBUG message=debug',
    ]);
  });

  it('keeps an event on one line, whatever its text is', () => {
    open().log('info', 'trouble', { text: 'a\nlevel=ERROR "b"\x1b[2J' });
    expect(lines()).toEqual([
      String.raw`timestamp=2026-11-22T14:30:00.000Z level=INFO message=trouble text="a level=ERROR \"b\""`,
    ]);
  });

  it('is readable by the owner only, even if the file existed before', () => {
    writeFileSync(path, 'before\n', { mode: 0o644 });
    open().log('info', 'start');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(lines()).toHaveLength(2);
  });

  it('never grows beyond its limit, and keeps one old file', () => {
    const logger = open('info', 2000);
    for (let index = 0; index < 200; index += 1) logger.log('info', 'event', { index });
    const kept = `${readFileSync(`${path}.1`, 'utf8')}${readFileSync(path, 'utf8')}`.trimEnd().split('\n');
    expect(statSync(path).size).toBeLessThanOrEqual(2000);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(2000);
    expect(kept.at(-1)).toContain('index=199');
    const indexes = kept.map((line) => Number(/index=(\d+)/.exec(line)?.[1]));
    expect(indexes).toEqual(indexes.map((_, place) => 200 - indexes.length + place));
  });

  it('continues if it cannot write, and says how many lines are missing', () => {
    const logger = open('info', 100);
    logger.log('info', 'first');
    // The next rotation cannot rename the file onto a folder that is not empty.
    mkdirSync(join(`${path}.1`, 'in the way'), { recursive: true });
    for (let index = 0; index < 6; index += 1) logger.log('info', 'lost?', { index });
    rmSync(`${path}.1`, { recursive: true });
    logger.log('info', 'again');
    expect(lines()).toEqual([expect.stringContaining('message=again lines_lost=6')]);
    expect(readFileSync(`${path}.1`, 'utf8')).toContain('message=first');
  });

  it('refuses a path that is not a regular file', () => {
    expect(() => openLogger({ path: folder, level: 'info', nowMs: () => nowMs })).toThrow();
    expect(() => openLogger({ path: '/dev/null', level: 'info', nowMs: () => nowMs })).toThrow(
      'not a regular file',
    );
  });
});

describe('the log of the Boards', () => {
  const noted = () => {
    const notes: string[] = [];
    return {
      notes,
      logger: {
        log: (level: string, message: string, fields = {}) =>
          notes.push([level, message, ...Object.values(fields)].join(' ')),
      },
    };
  };
  const trouble = { source: 'database' as const, text: text('it is locked') };

  it('contains each trouble once when it appears, and once when it ends', () => {
    const { notes, logger } = noted();
    const note = troubleLogger(logger);
    for (const troubles of [[], [trouble], [trouble], [], []]) note(board([], { troubles }));
    expect(notes).toEqual([
      'warn trouble database: it is locked',
      'info trouble is over database: it is locked',
    ]);
  });

  it('contains how long a poll took, as a warning if it was slow', async () => {
    const { notes, logger } = noted();
    const clock = handClock();
    for (const ms of [3, 240]) {
      const run = () => new Promise<void>((resolve) => clock.after(ms, resolve));
      const done = timedPolls(run, clock, logger)('tick');
      await clock.advance(ms);
      await done;
    }
    expect(notes).toEqual(['debug look tick 3', 'warn a look was slow tick 240']);
  });
});
