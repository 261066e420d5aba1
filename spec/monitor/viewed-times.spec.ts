import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  readViewedTimes,
  SharedViewedTimes,
  viewedPath,
  writeViewedTimes,
} from '../../lib/monitor/viewed-times.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-viewed-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('the stored view times', () => {
  it('are in the XDG state folder', () => {
    expect(viewedPath({}, '/home/u')).toBe('/home/u/.local/state/otop/viewed.json');
    expect(viewedPath({ XDG_STATE_HOME: '/s' }, '/home/u')).toBe('/s/otop/viewed.json');
  });

  it('are read as they were written, from a file for the owner only, with no temporary file left', () => {
    const path = viewedPath({}, home);
    const times = { baselineMs: 5, bySession: new Map([['ses_a', 7]]) };
    writeViewedTimes(path, times);
    expect(readViewedTimes(path)).toEqual(times);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path))).toEqual(['viewed.json']);
  });

  it('drop the oldest entries beyond a thousand', () => {
    const path = viewedPath({}, home);
    const many = new Map(Array.from({ length: 1500 }, (_, n) => [`ses_${n}`, n]));
    writeViewedTimes(path, { baselineMs: 0, bySession: many });
    const read = readViewedTimes(path);
    expect(read?.bySession.size).toBe(1000);
    expect(read?.bySession.has('ses_499')).toBe(false);
    expect(read?.bySession.has('ses_500')).toBe(true);
  });

  it.each(['', 'null', '[]', '{"baselineMs":"x","sessions":{}}', '{"baselineMs":1}', '{'])(
    'are undefined if the file contains %j',
    (text) => {
      const path = join(home, 'viewed.json');
      writeFileSync(path, text);
      expect(readViewedTimes(path)).toBeUndefined();
    },
  );
});

describe('view times shared by several otop processes', () => {
  const shared = () => new SharedViewedTimes(viewedPath({}, home));
  const known = (times: SharedViewedTimes) => ({
    baselineMs: times.baselineMs,
    bySession: Object.fromEntries(times.bySession),
  });

  it('are empty until a dashboard sets the baseline', () => {
    const times = shared();
    times.save();
    expect(known(times)).toEqual({ baselineMs: undefined, bySession: {} });
    expect(readdirSync(home)).toEqual([]);
    expect([times.begin(5), times.begin(6), times.baselineMs]).toEqual([true, false, 5]);
  });

  it('include the entries of another process after the next refresh', () => {
    const [serve, dashboard] = [shared(), shared()];
    dashboard.begin(5);
    dashboard.note('ses_a', 7);
    dashboard.save();
    expect(known(serve)).toEqual({ baselineMs: undefined, bySession: {} });
    serve.refresh();
    expect(known(serve)).toEqual({ baselineMs: 5, bySession: { ses_a: 7 } });
  });

  it('keep the entries of another process, and the later of two times', () => {
    const [one, other] = [shared(), shared()];
    one.begin(5);
    other.begin(6);
    one.note('ses_a', 7);
    one.note('ses_b', 20);
    other.note('ses_a', 8);
    other.note('ses_b', 19);
    one.save();
    other.save();
    expect(known(shared())).toEqual({ baselineMs: 5, bySession: { ses_a: 8, ses_b: 20 } });
  });

  it('stay if the file disappears or the folder cannot be read', () => {
    const times = shared();
    times.begin(5);
    times.save();
    rmSync(join(home, '.local'), { recursive: true });
    times.refresh();
    writeFileSync(join(home, '.local'), 'in the way');
    times.refresh();
    expect(times.baselineMs).toBe(5);
    expect(() => times.save()).toThrow();
  });
});
