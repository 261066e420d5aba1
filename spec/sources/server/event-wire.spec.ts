import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allEvents, eventOf } from '../../../lib/sources/server/event-wire.ts';
import { nowMs } from '../../support/builders.ts';

const decoded = (type: string, properties: object) =>
  eventOf({ directory: '/p', payload: { type, properties } }, nowMs);

describe("a server's event", () => {
  it('reports that a session is busy, idle or retrying', () => {
    const status = (status: object) => decoded('session.status', { sessionID: 'ses_1', status })?.event;
    expect(status({ type: 'busy' })).toMatchObject({ sessionId: 'ses_1', activity: { kind: 'busy' } });
    expect(status({ type: 'retry', attempt: 2, message: 'Rate\x1b[31m limit', next: 9 })).toMatchObject({
      activity: { kind: 'retry', attempt: 2, message: 'Rate limit', nextMs: 9 },
    });
    expect(decoded('session.idle', { sessionID: 'ses_1' })?.event).toMatchObject({
      activity: { kind: 'idle' },
    });
    expect(status({ type: 'dreaming' })).toBeUndefined();
  });

  it('reports an ask as printable text, with its time', () => {
    const ask = decoded('permission.asked', {
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
    const question = decoded('question.asked', {
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
    'reports that an ask was answered: %s',
    (type) => {
      expect(decoded(type, { sessionID: 'ses_1', requestID: 'per_1' })?.event).toEqual({
        kind: 'answered',
        sessionId: 'ses_1',
        askId: 'per_1',
      });
    },
  );

  it('can be any JSON value: decoding never throws', () => {
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
