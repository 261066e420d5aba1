import { expect, it } from 'vitest';
import { wantedSessions } from '../../../lib/domain/evidence/correlate.ts';
import { ago, logFacts, match, process, text } from '../../support/builders.ts';

it('the request contains each session that a flag, a log, a marker or the last poll names, and each directory', () => {
  const facts = logFacts({
    sessions: [{ sessionId: 'ses_kid', parentId: 'ses_root', atMs: ago(1), how: 'created' }],
  });
  const marker = {
    kind: 'marker',
    pid: 1,
    sessionId: 'ses_marked',
    strength: 1,
    confidence: 'certain',
    why: text('plugin'),
  } as const;
  const request = wantedSessions(
    {
      processes: [process({ args: ['-s', 'ses_flag'], cwd: '/home/u/projB' })],
      log: new Map([[facts.pid, facts]]),
      extraEvidence: [marker],
      previous: [match(1, 'ses_before')],
    },
    { includeIdle: false, sums: true },
  );
  expect([...request.sessionIds].sort()).toEqual([
    'ses_before',
    'ses_flag',
    'ses_kid',
    'ses_marked',
    'ses_root',
  ]);
  expect([...request.directories]).toEqual(['/home/u/projB']);
});
