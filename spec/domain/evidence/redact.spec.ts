import { describe, expect, it } from 'vitest';
import { type Policy, Redaction } from '../../../lib/domain/evidence/redact.ts';
import { board, row } from '../../support/board.ts';
import { process, session, text } from '../../support/builders.ts';

interface Named {
  readonly id: string;
  readonly kind: 'tui' | 'run';
  readonly sizeBytes: number;
  readonly title?: string;
}

describe('a policy of redaction', () => {
  it('does not compile without an entry for each field, nor where a text is kept', () => {
    const whole: Policy<Named> = { id: () => '', kind: 'keep', sizeBytes: 'keep', title: 'leave out' };
    // @ts-expect-error: a field that is new has no entry yet
    const lacking: Policy<Named> = { id: () => '', kind: 'keep', sizeBytes: 'keep' };
    // @ts-expect-error: a text may hold anything
    const telling: Policy<Named> = { ...whole, title: 'keep' };
    // @ts-expect-error: a field that has to be there cannot be left out
    const broken: Policy<Named> = { ...whole, id: 'leave out' };
    expect([whole, lacking, telling, broken]).toHaveLength(4);
  });
});

describe('a redacted Board', () => {
  it('keeps numbers and words of otop, and has a stand-in for each text', () => {
    const talk = row('talk', 'Talk', {
      session: session({ title: text('my company'), version: text('1.18.33'), directoryPath: '/home/me' }),
      process: process({ pid: 42, cwdText: text('~/secret'), args: ['--prompt', 'secret'] }),
      serverUrl: 'http://secret:4096',
    });
    const [redacted] = new Redaction().board(board([talk])).rows;
    expect(redacted).toMatchObject({
      process: { pid: 42, kind: 'tui', args: [], cwdText: 'path 1' },
      session: { title: 'title 1', version: '1.18.33' },
      state: talk.state,
    });
    expect(JSON.stringify(redacted)).not.toMatch(/company|secret|\/home\/me/);
  });

  it('gives the same text the same stand-in, in sentences, too', () => {
    const redaction = new Redaction();
    const [one, two] = redaction.board(board([row('a', 'Twin'), row('b', 'Twin')])).rows;
    expect(one?.session?.title).toBe('title 1');
    expect(two?.session?.title).toBe('title 1');
    expect(redaction.sentence('started with -s mine')).toBe('started with -s name 1');
    expect(redaction.sentence('its log ../other opened it')).toBe('its log name 2 opened it');
    expect(redaction.sentence('started with -s mine')).toBe('started with -s name 1');
  });
});
