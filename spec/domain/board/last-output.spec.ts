import { describe, expect, it } from 'vitest';
import type { Row } from '../../../lib/domain/board/board.ts';
import { lastOutput } from '../../../lib/domain/board/last-output.ts';
import type { SessionState, StateName } from '../../../lib/domain/session/state.ts';
import { session, text } from '../../support/builders.ts';

/** The line of a session in a state, after the text "I will look.". */
function line(name: StateName, some: Partial<SessionState> = {}, said = true): string | undefined {
  const state: SessionState = { name, needsYou: false, unread: false, rule: 'spec', ...some };
  const of = session(said ? { lastOutput: text('I will look.') } : {});
  const row: Row = { key: of.id, host: text('here'), session: of, state, context: {}, children: [] };
  return lastOutput(row);
}

describe('the last output of a session', () => {
  it.each<[StateName, Partial<SessionState>, string]>([
    ['asking', { tool: text('bash'), detail: text('npm test') }, 'bash: npm test'],
    ['asking', { detail: text('Which db?') }, 'Which db?'],
    ['tool use', { tool: text('edit') }, 'edit'],
    ['tool use', {}, 'I will look.'],
    ['error', { detail: text('APIError: no') }, 'APIError: no'],
    ['retrying', { detail: text('attempt 2') }, 'attempt 2'],
    ['queued', { detail: text('behind generating') }, 'behind generating'],
    ['thinking', { detail: text('reasoning') }, 'reasoning'],
    ['generating', {}, 'writing'],
    ['compacting', {}, 'summarising the conversation'],
    ['idle', { detail: text('aborted') }, 'I will look.'],
    ['truncated', {}, 'I will look.'],
    ['stale', {}, 'I will look.'],
  ])('in the state %s (%o) is: %s', (name, some, expected) => {
    expect(line(name, some)).toBe(expected);
  });

  it('is the prompt before the first answer, and undefined without a session', () => {
    expect(line('idle', {}, false)).toBe('do it');
    const state: SessionState = { name: 'new', needsYou: false, unread: false, rule: 'spec' };
    expect(
      lastOutput({ key: 'pid:1', host: text('here'), state, context: {}, children: [] }),
    ).toBeUndefined();
  });
});
