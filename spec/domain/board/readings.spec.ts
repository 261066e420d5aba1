import { expect, it } from 'vitest';
import { mergeLive } from '../../../lib/domain/board/readings.ts';
import type { LiveStatus } from '../../../lib/domain/session/reported-status.ts';

const status = (source: LiveStatus['source'], atMs: number): LiveStatus => ({
  source,
  sessionId: 'ses_a',
  atMs,
  asks: [],
});
const reading = (one: LiveStatus) => ({
  evidence: [],
  statuses: new Map([[one.sessionId, one]]),
  troubles: [],
});

it('believes whichever of two sources knew later, in any order', () => {
  const marker = reading(status('marker', 2));
  const server = reading(status('server', 1));
  expect(mergeLive([marker, server]).statuses.get('ses_a')?.source).toBe('marker');
  expect(mergeLive([server, marker]).statuses.get('ses_a')?.source).toBe('marker');
});
