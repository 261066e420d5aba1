import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allEvents, eventOf } from '../../../lib/sources/server/event-wire.ts';
import { nowMs } from '../../support/builders.ts';

const said = (type: string, properties: object) =>
  eventOf({ directory: '/p', payload: { type, properties } }, nowMs);

describe("a server's event", () => {
  it('says that a session is at work, at rest, or tries again', () => {
    const status = (status: object) => said('session.status', { sessionID: 'ses_1', status })?.event;
    expect(status({ type: 'busy' })).toMatchObject({ sessionId: 'ses_1', activity: { kind: 'busy' } });
    expect(status({ type: 'retry', attempt: 2, message: 'Rate\x1b[31m limit', next: 9 })).toMatchObject({
      activity: { kind: 'retry', attempt: 2, message: 'Rate limit', nextMs: 9 },
    });
    expect(said('session.idle', { sessionID: 'ses_1' })?.event).toMatchObject({ activity: { kind: 'idle' } });
    expect(status({ type: 'dreaming' })).toBeUndefined();
  });

  it('says what is asked, in words that can be shown, and when it was', () => {
    const ask = said('permission.asked', {
      id: 'per_2060ad770001nLK2U08B1rBqAN',
      sessionID: 'ses_1',
      permission: 'bash',
      patterns: ['echo \x1b]0;x\x07hi'],
      always: ['echo *'],
    });
    expect(ask).toEqual({
      directory: '/p',
      event: {
        kind: 'asked',
        sessionId: 'ses_1',
        ask: {
          id: 'per_2060ad770001nLK2U08B1rBqAN',
          kind: 'permission',
          tool: 'bash',
          patterns: ['echo hi'],
          always: ['echo *'],
          askedAtMs: Date.UTC(2026, 10, 23, 1, 35, 3, 536),
        },
      },
    });
    const question = said('question.asked', {
      id: 'que_1',
      sessionID: 'ses_1',
      questions: [{ question: 'Which db?', header: 'db', options: [{ label: 'pg', description: 'old' }] }],
    });
    expect(question?.event).toMatchObject({
      ask: {
        kind: 'question',
        patterns: ['Which db?'],
        questions: [{ question: 'Which db?', options: [{ label: 'pg' }], multiple: false, custom: true }],
      },
    });
  });

  it.each(['permission.replied', 'question.replied', 'question.rejected'])(
    'says that it was answered: %s',
    (type) => {
      expect(said(type, { sessionID: 'ses_1', requestID: 'per_1' })?.event).toEqual({
        kind: 'answered',
        sessionId: 'ses_1',
        askId: 'per_1',
      });
    },
  );

  it('may be any JSON at all, of any version, and is never a throw', () => {
    const types = [...allEvents, 'sync', 'nonsense'];
    const broken = fc.record(
      { type: fc.constantFrom(...types), properties: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), broken, fc.record({ payload: broken })), (value) => {
        eventOf(value, nowMs);
      }),
    );
  });
});
