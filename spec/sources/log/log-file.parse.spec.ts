import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idTimeMs } from '../../../lib/domain/session/session-id.ts';
import { parseLogLine } from '../../../lib/sources/log/log-file.ts';
import { factsOfText, linesOf, recordedLog } from './recorded.ts';

describe('facts of recorded logs', () => {
  it.each(['1.2.27', '1.14.41', '1.15.13', '1.2.27-resumed', '1.14.41-main'])(
    'of %s match the snapshot: a log of one process',
    (name) => {
      const facts = factsOfText(recordedLog(name)).get('');
      expect(facts === undefined ? [] : linesOf(facts)).toMatchSnapshot();
    },
  );

  it.each(['1.17.19', '1.18.33'])('of %s match the snapshot: a log of three processes', (name) => {
    const runs = [...factsOfText(recordedLog(name))].map(([run, facts]) => [run, ...linesOf(facts)]);
    expect(runs).toMatchSnapshot();
  });
});

describe('a log line', () => {
  it('is ignored if its beginning is cut off', () => {
    const [line] = recordedLog('1.18.33')
      .split('\n')
      .filter((text) => text.includes('message=asking'));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: line?.length ?? 0 }), (cut) => {
        expect(parseLogLine(line?.slice(cut) ?? '')).toBeUndefined();
      }),
    );
  });

  it('never makes the parser throw, with any content', () => {
    const lines = ['1.2.27', '1.18.33'].flatMap((name) => recordedLog(name).split('\n'));
    fc.assert(
      fc.property(
        fc.constantFrom(...lines),
        fc.nat(400),
        fc.string({ unit: 'binary', maxLength: 20 }),
        (line, at, junk) => {
          parseLogLine(line.slice(0, at) + junk + line.slice(at));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is parsed correctly if its title looks like keys', () => {
    const created =
      'timestamp=2026-11-22T22:31:47.601Z level=INFO run=8a6e2ae8 message=created id=ses_a parentID=undefined title="x parentID=ses_b id=ses_c"';
    expect(parseLogLine(created)?.event).toEqual({ kind: 'created', sessionId: 'ses_a' });
    const spaced =
      'INFO  2026-11-22T22:33:48 +0ms service=session id=ses_a slug=s directory=/d title=x parentID=ses_b permission=[] created';
    expect(parseLogLine(spaced)?.event).toEqual({ kind: 'created', sessionId: 'ses_a' });
  });

  it('keeps a pattern with escaped quotes complete', () => {
    const line =
      'timestamp=2026-11-22T22:32:05.861Z level=INFO run=d3713d8e message=asking id=per_2056355e5001Pc permission=bash patterns="[\\"echo \\\\\\"a b\\\\\\"\\",\\"ls\\"]"';
    expect(parseLogLine(line)?.event).toEqual({
      kind: 'ask',
      id: 'per_2056355e5001Pc',
      askKind: 'permission',
      permission: 'bash',
      patterns: ['echo "a b"', 'ls'],
    });
  });
});

describe('the time inside an id', () => {
  it('is the time of the line that contains the id', () => {
    const lines = recordedLog('1.18.33')
      .split('\n')
      .filter((line) => line.includes('message=asking'));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      const parsed = parseLogLine(line);
      const id = / id=(\S+)/.exec(line)?.[1] ?? '';
      expect(Math.abs((idTimeMs(id, parsed?.atMs ?? 0) ?? 0) - (parsed?.atMs ?? 0))).toBeLessThan(50);
    }
  });

  it('is unknown for a session, since session ids count backwards', () => {
    expect(idTimeMs('ses_dfa9cc56effeiw66Odm0apLXw3', 0)).toBeUndefined();
  });
});
