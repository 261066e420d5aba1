import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Session } from '../../../lib/domain/session/session.ts';
import { OpencodeDatabase } from '../../support/opencode-database.ts';
import { noonMs, requestOf, settle, sourceIn, temporaryFolder } from '../../support/session-source.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const withoutSums = (sessions: ReadonlyMap<string, Session>) =>
  [...sessions.values()].map(({ tokens, cost, ...rest }) => rest);

it.each(['1.2.27', '1.18.33'] as const)(
  'sums of %s that are not requested are not computed and delay nothing, and a later request gets them',
  (version) => {
    const path = join(folder.path, 'opencode.db');
    const db = new OpencodeDatabase(path, version);
    const session = db.session({ atMs: noonMs - 60_000, title: 'One' });
    for (let turn = 0; turn < 150; turn += 1) session.turn('hello', 'hi');
    const [whole, bare] = [sourceIn(folder.path, { db: path }), sourceIn(folder.path, { db: path })];
    const summed = settle(whole, requestOf());

    let reading = bare.refresh(requestOf({ sums: false }), noonMs);
    for (let look = 0; reading.unfinished === true && look < 5; look += 1)
      reading = bare.refresh(requestOf({ sums: false }), noonMs);
    expect(reading.unfinished).toBeUndefined();
    expect(reading.totalsProgress).toBeLessThan(1);
    expect(reading.allTime?.messageCount).toBe(0);
    expect(withoutSums(reading.sessions)).toEqual(withoutSums(summed.sessions));

    const later = settle(bare, requestOf());
    expect({ ...later, atMs: 0 }).toEqual({ ...summed, atMs: 0 });
    for (const source of [whole, bare]) source.close();
    db.close();
  },
);
