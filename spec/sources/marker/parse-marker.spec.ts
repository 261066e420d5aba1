import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSessionId } from '../../../lib/domain/session/session-id.ts';
import { parseMarker } from '../../../lib/sources/marker/parse-marker.ts';
import { parseMarkerName } from '../../../lib/sources/marker/places.ts';

const whole = {
  otopMarker: 1,
  host: 'box',
  pid: 42,
  startTicks: 1234,
  loadedAtMs: 1_000,
  writtenAtMs: 2_000,
  opencode: '1.18.33',
  sessions: [
    {
      id: 'ses_a',
      title: 'About a',
      atMs: 1_900,
      turnAtMs: 1_800,
      activity: { kind: 'retry', attempt: 2, message: 'Rate limit', nextMs: 5_000 },
      asks: [{ id: 'per_1', kind: 'permission', tool: 'bash', patterns: ['npm test'], askedAtMs: 1_850 }],
      error: { name: 'APIError', message: 'no', atMs: 1_700 },
    },
    { id: 'ses_kid', parentId: 'ses_a', atMs: 1_950, activity: { kind: 'busy' }, asks: [] },
  ],
};

const parsed = (change: object) => {
  const result = parseMarker(JSON.stringify({ ...whole, ...change }));
  return result.kind === 'marker' ? result.marker : result.kind;
};
const first = (change: object) => {
  const marker = parsed({ sessions: [{ ...whole.sessions[0], ...change }] });
  return typeof marker === 'string' ? marker : marker.sessions[0];
};

describe('a marker', () => {
  it('is parsed with all its fields', () => {
    expect(parsed({})).toEqual({
      pid: 42,
      host: 'box',
      startTicks: 1234,
      loadedAtMs: 1_000,
      writtenAtMs: 2_000,
      version: '1.18.33',
      sessions: [
        {
          id: 'ses_a',
          turnAtMs: 1_800,
          status: {
            source: 'marker',
            sessionId: 'ses_a',
            atMs: 1_900,
            activity: { kind: 'retry', attempt: 2, message: 'Rate limit', nextMs: 5_000 },
            asks: [
              { id: 'per_1', kind: 'permission', tool: 'bash', patterns: ['npm test'], askedAtMs: 1_850 },
            ],
            error: { name: 'APIError', message: 'no', atMs: 1_700 },
          },
        },
        {
          id: 'ses_kid',
          parentId: 'ses_a',
          status: {
            source: 'marker',
            sessionId: 'ses_kid',
            atMs: 1_950,
            activity: { kind: 'busy' },
            asks: [],
          },
        },
      ],
    });
  });

  it('with a newer format version is distinguished from a broken one', () => {
    expect(parsed({ otopMarker: 2 })).toBe('other version');
    for (const change of [
      { otopMarker: '1' },
      { pid: -1 },
      { pid: 1.5 },
      { writtenAtMs: 'now' },
      { loadedAtMs: 0 },
    ])
      expect(parsed(change)).toBe('broken');
    for (const text of ['', '{', 'null', '[]', '42', JSON.stringify(whole).slice(0, -1)])
      expect(parseMarker(text).kind).toBe('broken');
  });

  it('loses fields with an invalid text, time or id, and keeps the rest', () => {
    expect(first({ turnAtMs: -5, activity: { kind: 'dancing' }, asks: 'none', error: { name: 1 } })).toEqual({
      id: 'ses_a',
      status: { source: 'marker', sessionId: 'ses_a', atMs: 1_900, asks: [] },
    });
    expect(first({ id: '../../etc/passwd' })).toBeUndefined();
    expect(first({ id: '$(reboot)' })).toBeUndefined();
    expect(first({ atMs: 1e300 })).toBeUndefined();
    expect(first({ parentId: 'ses_a' })).not.toHaveProperty('parentId');
  });

  it('gives texts without escape sequences and line breaks', () => {
    const nasty = '\u001b]0;owned\u0007\u001b[2Jrm -rf /\r\nsecond\u202eline';
    const asks = [{ id: 'per_1', kind: 'permission', tool: nasty, patterns: [nasty, 7, null] }];
    expect(first({ asks })).toMatchObject({
      status: { asks: [{ tool: 'rm -rf / secondline', patterns: ['rm -rf / secondline'] }] },
    });
  });

  it('is limited in sessions, asks and text lengths', () => {
    const many = <T>(count: number, one: T) => Array.from({ length: count }, () => one);
    const ask = { id: 'p', kind: 'question', patterns: many(20, 'x'.repeat(5_000)) };
    const asking = { id: 'ses_b', atMs: 1, asks: many(60, ask) };
    const marker = parsed({ sessions: [asking, ...many(300, { id: 'ses_a', atMs: 1 })] });
    const sessions = typeof marker === 'string' ? [] : marker.sessions;
    expect(sessions).toHaveLength(200);
    expect(sessions[0]?.status.asks).toHaveLength(50);
    expect(sessions[0]?.status.asks[0]?.patterns.join('').length).toBeLessThan(10_000);
  });

  it('never throws, and keeps only sessions with a valid id and time', () => {
    const session = fc.record({
      id: fc.oneof(fc.constant('ses_a'), fc.anything()),
      atMs: fc.oneof(fc.constant(5), fc.anything()),
      turnAtMs: fc.anything(),
      activity: fc.oneof(
        fc.anything(),
        fc.record({ kind: fc.constantFrom('busy', 'retry'), attempt: fc.anything() }),
      ),
      asks: fc.oneof(
        fc.anything(),
        fc.array(fc.record({ id: fc.string(), kind: fc.constantFrom('permission', 1) })),
      ),
    });
    const anyMarker = fc.record({
      sessions: fc.oneof(fc.anything(), fc.array(session)),
      startTicks: fc.anything(),
    });
    fc.assert(
      fc.property(anyMarker, (change) => {
        const text = (() => {
          try {
            return JSON.stringify({ ...whole, ...change });
          } catch {
            return '';
          }
        })();
        const result = parseMarker(text);
        if (result.kind !== 'marker') return;
        for (const { id, status } of result.marker.sessions) {
          expect(isSessionId(id)).toBe(true);
          expect(Number.isFinite(status.atMs)).toBe(true);
        }
      }),
    );
  });
});

describe('a file name', () => {
  it('gives the pid, the machine and whether it is a draft; other names are refused', () => {
    expect(parseMarkerName('42@1f0c2d3e-4026531836.json')).toEqual({
      pid: 42,
      machine: '1f0c2d3e-4026531836',
      isDraft: false,
    });
    expect(parseMarkerName('.42@local.draft')).toEqual({ pid: 42, machine: 'local', isDraft: true });
    for (const name of ['42.json', 'trouble.log', '@x.json', '42@.json', '42@a/b.json', '42@x.json.bak'])
      expect(parseMarkerName(name)).toBeUndefined();
  });
});
