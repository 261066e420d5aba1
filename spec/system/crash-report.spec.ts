import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crashMessage, crashText } from '../../lib/system/crash-report.ts';
import { nowMs, text } from '../support/builders.ts';
import { handClock } from '../support/clock.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-crash-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const scene = {
  command: 'dashboard',
  troubles: [
    { source: 'database' as const, text: text("~/secret/opencode.db: no such column: 'secret'. Update.") },
  ],
};

describe('a crash report', () => {
  it('contains the error class, the masked message, the stack frames and the troubles', () => {
    const report = crashText(new TypeError('no task is called tick'), scene, nowMs);
    const [first, second, , error, frame] = report.split('\n');
    expect(first).toMatch(/^otop \d+\.\d+\.\d+ \(development build\) failed at 2026-11-22T14:30:00\.000Z$/);
    expect(second).toMatch(/^dashboard; up .*; \d+M; node v\d+\.\d+\.\d+; \w+ \w+$/);
    expect(error).toBe('TypeError: no task is called tick');
    expect(frame).toMatch(/^ {4}at .*crash-report\.spec\.ts:\d+:\d+\)?$/);
    expect(report).toContain("  database: <path>: no such column: '…'. Update.");
  });

  it('contains no text from outside, wherever it appears', () => {
    const message = "cannot show 'My secret\n    at secret (/secret/secret.ts:1:1)\n' of /home/secret/x";
    const inner = Object.assign(new Error('ENOENT, open "/home/secret/y"'), {
      code: 'ENOENT',
      path: 'secret',
    });
    class Secretive extends Error {}
    const error = new Secretive(message, {
      cause: new AggregateError(['secret'], 'all of `secret` failed', { cause: inner }),
    });
    const report = crashText(error, scene, nowMs);
    expect(report).toContain('Secretive: ');
    expect(report).toContain("caused by AggregateError: all of '…' failed");
    expect(report).toContain("caused by Error ENOENT: ENOENT, open '…'");
    expect(report.replaceAll('Secretive', '')).not.toMatch(/secret/i);
  });

  it('names files only, no folder of the machine', () => {
    const error = new Error('x');
    error.stack = `Error: x
    at run (file:///home/me/otop/dist/chunks/app-x1.js:12:3)
    at /home/me/otop/dist/otop.js:1:2
    at listOnTimeout (node:internal/timers:581:17)`;
    expect(crashText(error, scene, nowMs).split('\n').slice(4, 7)).toEqual([
      '    at run (app-x1.js:12:3)',
      '    at otop.js:1:2',
      '    at listOnTimeout (node:internal/timers:581:17)',
    ]);
  });

  it('is written whatever is thrown', () => {
    const circle: Error & { cause?: unknown } = new Error('round');
    circle.cause = circle;
    for (const thrown of [undefined, null, 'secret', 7, { secret: 1 }, circle, Object.create(null)]) {
      expect(crashText(thrown, scene, nowMs)).not.toContain("secret'");
    }
    expect(crashText(circle, scene, nowMs).split('\n').length).toBeLessThan(100);
    expect(crashText('secret words', scene, nowMs)).toContain('a thrown string');
  });

  it('is readable by the owner only; the newest five are kept', async () => {
    const clock = handClock(nowMs);
    for (let index = 0; index < 7; index += 1) {
      const words = crashMessage(new Error('bug'), scene, { env: {}, homeDir: home, clock });
      expect(words).toMatch(
        /^otop .* failed, which is a bug: Error: bug\n[\s\S]*\nA report .* is in .*crash-.*\.txt\n$/,
      );
      await clock.advance(1000);
    }
    const folder = join(home, '.local/state/otop');
    const reports = readdirSync(folder).sort();
    expect(reports).toHaveLength(5);
    expect(reports[4]).toBe('crash-2026-11-22T14-30-06-000Z.txt');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, reports[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, reports[0] ?? ''), 'utf8')).toContain('Error: bug');
  });

  it('is replaced by the stack alone if no file can be written', () => {
    writeFileSync(join(home, '.local'), 'a file in the way');
    const words = crashMessage(new Error('bug'), scene, { env: {}, homeDir: home, clock: handClock(nowMs) });
    expect(words).toContain('Error: bug');
    expect(words).not.toContain('A report');
  });
});
