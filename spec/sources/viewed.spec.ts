import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readViewedTimes, viewedPath, writeViewedTimes } from '../../lib/sources/viewed.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-viewed-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('the times a person looked', () => {
  it('lie in the XDG state folder', () => {
    expect(viewedPath({}, '/home/u')).toBe('/home/u/.local/state/otop/viewed.json');
    expect(viewedPath({ XDG_STATE_HOME: '/s' }, '/home/u')).toBe('/s/otop/viewed.json');
  });

  it('come back as they were written, for the owner only, with no draft left over', () => {
    const path = viewedPath({}, home);
    const times = { baselineMs: 5, bySession: new Map([['ses_a', 7]]) };
    writeViewedTimes(path, times);
    expect(readViewedTimes(path)).toEqual(times);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path))).toEqual(['viewed.json']);
  });

  it('forget the oldest looks beyond a thousand', () => {
    const path = viewedPath({}, home);
    const many = new Map(Array.from({ length: 1500 }, (_, n) => [`ses_${n}`, n]));
    writeViewedTimes(path, { baselineMs: 0, bySession: many });
    const read = readViewedTimes(path);
    expect(read?.bySession.size).toBe(1000);
    expect(read?.bySession.has('ses_499')).toBe(false);
    expect(read?.bySession.has('ses_500')).toBe(true);
  });

  it.each(['', 'null', '[]', '{"baselineMs":"x","sessions":{}}', '{"baselineMs":1}', '{'])(
    'are unknown where the file holds %j',
    (text) => {
      const path = join(home, 'viewed.json');
      writeFileSync(path, text);
      expect(readViewedTimes(path)).toBeUndefined();
    },
  );
});
