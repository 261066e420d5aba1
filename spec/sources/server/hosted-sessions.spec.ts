import { describe, expect, it } from 'vitest';
import type { ReportedAsk } from '../../../lib/domain/session/reported-status.ts';
import { HostedSessions } from '../../../lib/sources/server/hosted-sessions.ts';

const ask: ReportedAsk = { id: 'per_1', kind: 'permission', patterns: [] };
const busy = { kind: 'status', sessionId: 'ses_1', activity: { kind: 'busy' } } as const;
const asked = { kind: 'asked', sessionId: 'ses_1', ask } as const;
const answered = { kind: 'answered', sessionId: 'ses_1', askId: 'per_1' } as const;
const nothing = { activities: new Map(), asks: [] };

describe('the state of a hosted session', () => {
  it('is that of the last poll, updated by later events', () => {
    const hosted = new HostedSessions();
    hosted.applyState(
      '/p',
      { activities: new Map([['ses_1', busy.activity]]), asks: [] },
      hosted.sequence,
      100,
    );
    expect(hosted.get('ses_1')).toMatchObject({
      directory: '/p',
      activity: { kind: 'busy' },
      reportedAtMs: 100,
    });
    expect(hosted.applyEvent(asked, '/p', 200)).toBe(true);
    expect(hosted.get('ses_1')).toMatchObject({ asks: [ask], reportedAtMs: 200 });
    expect(hosted.applyEvent(answered, '/p', 300)).toBe(true);
    expect(hosted.get('ses_1')).toMatchObject({ asks: [], activity: { kind: 'busy' }, reportedAtMs: 300 });
  });

  it('is not overwritten by the response of a poll that began before an event', () => {
    const hosted = new HostedSessions();
    const sequence = hosted.sequence;
    hosted.applyEvent(asked, '/p', 200);
    hosted.applyState('/p', nothing, sequence, 100);
    expect(hosted.get('ses_1')?.asks).toEqual([ask]);
  });

  it('has no asks once its turn has ended', () => {
    const hosted = new HostedSessions();
    hosted.applyEvent(asked, '/p', 200);
    expect(hosted.applyEvent({ ...busy, activity: { kind: 'idle' } }, '/p', 300)).toBe(true);
    expect(hosted.get('ses_1')).toMatchObject({ asks: [], activity: { kind: 'idle' } });
  });

  it('becomes idle if a poll of its directory no longer lists it', () => {
    const hosted = new HostedSessions();
    hosted.applyEvent(asked, '/p', 200);
    hosted.applyState('/other', nothing, hosted.sequence, 300);
    expect(hosted.get('ses_1')?.asks).toEqual([ask]);
    hosted.applyState('/p', nothing, hosted.sequence, 300);
    expect(hosted.get('ses_1')).toMatchObject({ asks: [], activity: { kind: 'idle' }, reportedAtMs: 300 });
  });

  it('is deleted if a restarted server does not confirm it', () => {
    const hosted = new HostedSessions();
    hosted.applyEvent(busy, undefined, 100);
    const sequence = hosted.sequence;
    hosted.applyEvent({ ...busy, sessionId: 'ses_2' }, '/p', 200);
    hosted.forgetBefore(sequence);
    expect([...hosted.all()].map(({ id }) => id)).toEqual(['ses_2']);
  });

  it('does not count as changed if a new step reports busy again', () => {
    const hosted = new HostedSessions();
    expect(hosted.applyEvent(busy, '/p', 100)).toBe(true);
    expect(hosted.applyEvent(busy, '/p', 200)).toBe(false);
    expect(hosted.get('ses_1')?.reportedAtMs).toBe(200);
  });
});
