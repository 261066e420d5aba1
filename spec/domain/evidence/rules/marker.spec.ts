import { describe, expect, it } from 'vitest';
import type { MarkedSession } from '../../../../lib/domain/evidence/marker.ts';
import { markerEvidence } from '../../../../lib/domain/evidence/rules/marker.ts';
import type { OpencodeProcess } from '../../../../lib/domain/process/process.ts';
import { ago, process } from '../../../support/builders.ts';

function prompted(id: string, secondsAgo: number | undefined, parentId?: string): MarkedSession {
  return {
    id,
    status: { source: 'marker', sessionId: id, atMs: ago(0), asks: [] },
    ...(secondsAgo !== undefined && { turnAtMs: ago(secondsAgo) }),
    ...(parentId !== undefined && { parentId }),
  };
}

function busy(session: MarkedSession): MarkedSession {
  return { ...session, status: { ...session.status, activity: { kind: 'busy' } } };
}

function marked(pid: number, sessions: readonly MarkedSession[], kind: OpencodeProcess['kind'] = 'tui') {
  return {
    process: process({ pid, kind }),
    marker: { pid, loadedAtMs: ago(600), writtenAtMs: ago(0), sessions },
  };
}

/** `PID session confidence strength`. */
const describeEvidence = (...all: ReturnType<typeof marked>[]) =>
  markerEvidence(all).map(
    ({ pid, sessionId, confidence, strength }) => `${pid} ${sessionId} ${confidence} ${strength}`,
  );

describe("the plugin's evidence", () => {
  it('is certain for the last prompted root session, and lists the earlier ones', () => {
    const sessions = ['a', 'b', 'c', 'd'].map((id, index) => prompted(id, 100 - index));
    expect(describeEvidence(marked(1, sessions))).toEqual(['1 d certain 1', '1 c guess 0', '1 b guess 0']);
  });

  it('ranks a later prompt of another session above a working subagent', () => {
    const sessions = [prompted('a', 100), prompted('kid', 5, 'a'), prompted('b', 50)];
    expect(describeEvidence(marked(1, sessions))).toEqual(['1 b certain 1', '1 a guess 0']);
  });

  it('is also certain for an earlier session that still works, or whose subagent does', () => {
    const sessions = [busy(prompted('a', 100)), prompted('b', 90), prompted('c', 80)];
    expect(describeEvidence(marked(1, [...sessions, busy(prompted('kid', 70, 'b'))]))).toEqual([
      '1 c certain 1',
      '1 b certain 1',
      '1 a certain 1',
    ]);
  });

  it('names a root by its subagent if the plugin started after the root’s prompt', () => {
    expect(describeEvidence(marked(1, [prompted('a', undefined), prompted('kid', 5, 'a')]))).toEqual([
      '1 a certain 1',
    ]);
  });

  it('ignores sessions without a seen turn', () => {
    expect(describeEvidence(marked(1, [prompted('a', undefined)]), marked(2, []))).toEqual([]);
  });

  it('gives a session of two processes to the later one', () => {
    const evidence = markerEvidence([marked(1, [prompted('a', 100)]), marked(2, [prompted('a', 50)])]);
    expect(evidence.map(({ pid, strength, why }) => `${pid} ${strength} ${why}`)).toEqual([
      "1 -0.9 otop's plugin saw it prompted at 14:28:20.000, but in pid 2 at 14:29:10.000",
      "2 1 otop's plugin saw it prompted at 14:29:10.000",
    ]);
  });

  it('gives a server all sessions that it prompted', () => {
    const sessions = [prompted('a', 100), prompted('b', 50), prompted('c', 20), prompted('d', 10)];
    expect(describeEvidence(marked(1, sessions, 'serve'))).toEqual([
      '1 d certain 1',
      '1 c certain 1',
      '1 b certain 1',
      '1 a certain 1',
    ]);
  });

  it('ends with a cycle of parents', () => {
    expect(describeEvidence(marked(1, [prompted('a', 9, 'b'), prompted('b', 5, 'a')]))).toHaveLength(2);
  });
});
