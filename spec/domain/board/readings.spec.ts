import { expect, it } from 'vitest';
import { mergeReports } from '../../../lib/domain/board/readings.ts';
import type { ReportedStatus } from '../../../lib/domain/session/reported-status.ts';

const status = (source: ReportedStatus['source'], atMs: number): ReportedStatus => ({
  source,
  sessionId: 'ses_a',
  atMs,
  asks: [],
});
const reading = (one: ReportedStatus) => ({
  evidence: [],
  statuses: new Map([[one.sessionId, one]]),
  troubles: [],
});

it('merged reports hold the newest status of each session, in any order of the sources', () => {
  const marker = reading(status('marker', 2));
  const server = reading(status('server', 1));
  expect(mergeReports([marker, server]).statuses.get('ses_a')?.source).toBe('marker');
  expect(mergeReports([server, marker]).statuses.get('ses_a')?.source).toBe('marker');
});

it('merged reports say of an ask what only the older one knows', () => {
  const ask = { id: 'frm_1', kind: 'question', patterns: [] } as const;
  const marker = reading({ ...status('marker', 2), asks: [{ ...ask, askedAtMs: 2 }] });
  const server = reading({
    ...status('server', 1),
    asks: [
      { ...ask, questions: [] },
      { ...ask, id: 'frm_2' },
    ],
  });
  const both = [{ ...ask, askedAtMs: 2, questions: [] }];
  expect(mergeReports([marker, server]).statuses.get('ses_a')?.asks).toEqual(both);
  expect(mergeReports([server, marker]).statuses.get('ses_a')?.asks).toEqual(both);
});
