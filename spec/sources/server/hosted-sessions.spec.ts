import { describe, expect, it } from 'vitest';
import type { ReportedAsk } from '../../../lib/domain/session/reported-status.ts';
import { HostedSessions } from '../../../lib/sources/server/hosted-sessions.ts';

const ask: ReportedAsk = { id: 'per_1', kind: 'permission', patterns: [] };
const busy = { kind: 'status', sessionId: 'ses_1', activity: { kind: 'busy' } } as const;
const asked = { kind: 'asked', sessionId: 'ses_1', ask } as const;
const answered = { kind: 'answered', sessionId: 'ses_1', askId: 'per_1' } as const;
const nothing = { activities: new Map(), asks: [] };

describe('what a server told', () => {
  it('is what an answer says, until an event says more', () => {
    const hosted = new HostedSessions();
    hosted.answered('/p', { activities: new Map([['ses_1', busy.activity]]), asks: [] }, hosted.turn, 100);
    expect(hosted.get('ses_1')).toMatchObject({ directory: '/p', activity: { kind: 'busy' }, toldAtMs: 100 });
    expect(hosted.happened(asked, '/p', 200)).toBe(true);
    expect(hosted.get('ses_1')).toMatchObject({ asks: [ask], toldAtMs: 200 });
    expect(hosted.happened(answered, '/p', 300)).toBe(true);
    expect(hosted.get('ses_1')).toMatchObject({ asks: [], activity: { kind: 'busy' }, toldAtMs: 300 });
  });

  it('is not taken back by an answer that was on its way when the event came', () => {
    const hosted = new HostedSessions();
    const turn = hosted.turn;
    hosted.happened(asked, '/p', 200);
    hosted.answered('/p', nothing, turn, 100);
    expect(hosted.get('ses_1')?.asks).toEqual([ask]);
  });

  it('waits for nothing any more once its turn was ended, which takes its asks with it', () => {
    const hosted = new HostedSessions();
    hosted.happened(asked, '/p', 200);
    expect(hosted.happened({ ...busy, activity: { kind: 'idle' } }, '/p', 300)).toBe(true);
    expect(hosted.get('ses_1')).toMatchObject({ asks: [], activity: { kind: 'idle' } });
  });

  it('ends with an answer that no longer names it', () => {
    const hosted = new HostedSessions();
    hosted.happened(asked, '/p', 200);
    hosted.answered('/other', nothing, hosted.turn, 300);
    expect(hosted.get('ses_1')?.asks).toEqual([ask]);
    hosted.answered('/p', nothing, hosted.turn, 300);
    expect(hosted.get('ses_1')).toMatchObject({ asks: [], activity: { kind: 'idle' }, toldAtMs: 300 });
  });

  it('is forgotten where a server that was started anew does not confirm it', () => {
    const hosted = new HostedSessions();
    hosted.happened(busy, undefined, 100);
    const before = hosted.turn;
    hosted.happened({ ...busy, sessionId: 'ses_2' }, '/p', 200);
    hosted.forgetBefore(before);
    expect([...hosted.all()].map(({ id }) => id)).toEqual(['ses_2']);
  });

  it('changes nothing on the Board when a step is begun: busy is still busy', () => {
    const hosted = new HostedSessions();
    expect(hosted.happened(busy, '/p', 100)).toBe(true);
    expect(hosted.happened(busy, '/p', 200)).toBe(false);
    expect(hosted.get('ses_1')?.toldAtMs).toBe(200);
  });
});
