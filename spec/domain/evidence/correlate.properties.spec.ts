import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlate } from '../../../lib/domain/evidence/correlate.ts';
import type { LogFacts } from '../../../lib/domain/evidence/log-facts.ts';
import type { Evidence, Match } from '../../../lib/domain/evidence/match.ts';
import { noActivity } from '../../../lib/domain/evidence/rules/activity.ts';
import type { CorrelateInput } from '../../../lib/domain/evidence/scene.ts';
import type { OpencodeProcess, ProcessKind } from '../../../lib/domain/process/process.ts';
import type { Session } from '../../../lib/domain/session/session.ts';
import {
  ago,
  assistant,
  finished,
  logFacts,
  nowMs,
  pane,
  process,
  session,
  text,
} from '../../support/builders.ts';

const ids = ['ses_a', 'ses_b', 'ses_c', 'ses_d', 'ses_e', 'ses_f'];
const id = fc.constantFrom(...ids);
const seconds = fc.integer({ min: 0, max: 1000 });
const directory = fc.constantFrom('/home/u/projA', '/home/u/projB');
const title = fc.constantFrom('One', 'Two', 'Twin', 'New session - 2026-11-22T14:14:08.328Z');

const sessions: fc.Arbitrary<Session[]> = fc.uniqueArray(
  fc
    .record({
      id,
      directory,
      title,
      quietSeconds: seconds,
      parent: fc.option(id, { freq: 3 }),
      works: fc.boolean(),
    })
    .map(({ id, directory, title, quietSeconds, parent, works }) =>
      session({
        id,
        directoryPath: directory,
        title: text(title),
        updatedAtMs: ago(quietSeconds),
        activeAtMs: ago(quietSeconds),
        newestAssistant: works ? assistant() : finished(quietSeconds),
        ...(parent === null || parent === id ? {} : { parentId: parent }),
      }),
    ),
  { maxLength: 6, selector: (each) => each.id },
);

const processes: fc.Arbitrary<OpencodeProcess[]> = fc.uniqueArray(
  fc
    .record({
      pid: fc.integer({ min: 1, max: 6 }),
      kind: fc.constantFrom<ProcessKind>('tui', 'tui', 'tui', 'run', 'serve', 'attach'),
      cwd: directory,
      startedSecondsAgo: seconds,
      args: fc.oneof(
        fc.constant([]),
        fc.constant(['-c']),
        id.map((each) => ['-s', each]),
      ),
      paneTitle: fc.option(
        fc.oneof(
          title.map((each) => `OC | ${each}`),
          fc.constant('OpenCode'),
        ),
      ),
    })
    .map(({ pid, kind, cwd, startedSecondsAgo, args, paneTitle }) =>
      process({
        pid,
        kind,
        cwd,
        startedAtMs: ago(startedSecondsAgo),
        args,
        ...(paneTitle === null ? {} : { pane: pane({ title: text(paneTitle) }) }),
      }),
    ),
  { maxLength: 6, selector: (each) => each.pid },
);

const logs: fc.Arbitrary<LogFacts[]> = fc.uniqueArray(
  fc
    .record({
      pid: fc.integer({ min: 1, max: 6 }),
      named: fc.array(fc.record({ sessionId: id, secondsAgo: seconds }), { maxLength: 3 }),
      exact: fc.boolean(),
      complete: fc.boolean(),
    })
    .map(({ pid, named, exact, complete }) =>
      logFacts({
        pid,
        exact,
        complete,
        sessions: named
          .toSorted((left, right) => right.secondsAgo - left.secondsAgo)
          .map(({ sessionId, secondsAgo }) => ({
            sessionId,
            atMs: ago(secondsAgo),
            how: 'prompted' as const,
          })),
      }),
    ),
  { maxLength: 6, selector: (each) => each.pid },
);

const scene = fc.record({ processes, sessions, logs });

function inputOf(given: {
  processes: OpencodeProcess[];
  sessions: Session[];
  logs: LogFacts[];
}): CorrelateInput {
  return {
    processes: given.processes,
    sessions: new Map(given.sessions.map((each) => [each.id, each])),
    log: new Map(given.logs.map((facts) => [facts.pid, facts])),
    extraEvidence: [],
    previous: [],
    activity: noActivity,
    nowMs,
  };
}

function told(matches: readonly Match[]): string[] {
  return matches
    .map(({ pid, sessionId, confidence, evidence }) => `${pid} ${sessionId} ${confidence} ${evidence}`)
    .sort();
}

describe('the correlation of any input', () => {
  it('gives no session twice, two sessions only to a server or with one in the background, and only existing ones', () => {
    fc.assert(
      fc.property(scene, (given) => {
        const { matches, candidates } = correlate(inputOf(given));
        expect(new Set(matches.map(({ sessionId }) => sessionId)).size).toBe(matches.length);
        const hosted = new Set(
          candidates.filter((each) => each.hosted).map((each) => `${each.pid} ${each.sessionId}`),
        );
        const shown = matches.filter(({ pid, sessionId }) => !hosted.has(`${pid} ${sessionId}`));
        expect(new Set(shown.map(({ pid }) => pid)).size).toBe(shown.length);
        for (const { pid, sessionId } of matches) {
          expect(given.processes.find((each) => each.pid === pid)?.kind).not.toBe('attach');
          expect(given.sessions.map((each) => each.id)).toContain(sessionId);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('never gives a subagent’s session if its parent is known', () => {
    fc.assert(
      fc.property(scene, (given) => {
        const known = new Set(given.sessions.map((each) => each.id));
        for (const { sessionId } of correlate(inputOf(given)).matches) {
          const parentId = given.sessions.find((each) => each.id === sessionId)?.parentId;
          // Cycles of parents, which opencode never writes, have no root.
          if (parentId !== undefined && known.has(parentId))
            expect(isInCircle(given.sessions, sessionId)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order of the input', () => {
    const orders = scene.chain((given) =>
      fc.tuple(
        fc.constant(given),
        fc.record({
          processes: fc.shuffledSubarray(given.processes, { minLength: given.processes.length }),
          sessions: fc.shuffledSubarray(given.sessions, { minLength: given.sessions.length }),
          logs: fc.shuffledSubarray(given.logs, { minLength: given.logs.length }),
        }),
      ),
    );
    fc.assert(
      fc.property(orders, ([given, shuffled]) => {
        expect(told(correlate(inputOf(shuffled)).matches)).toEqual(told(correlate(inputOf(given)).matches));
      }),
      { numRuns: 300 },
    );
  });

  it('does not change when it gets its own last result', () => {
    fc.assert(
      fc.property(scene, (given) => {
        const first = correlate(inputOf(given)).matches;
        const again = correlate({ ...inputOf(given), previous: first }).matches;
        expect(told(again)).toEqual(told(first));
      }),
      { numRuns: 300 },
    );
  });

  it('never loses a certain match to any amount of weaker evidence', () => {
    // Without a title and `-c`: together with another piece these can make a match certain.
    const weak: fc.Arbitrary<Evidence> = fc
      .record({
        pid: fc.integer({ min: 1, max: 6 }),
        sessionId: id,
        kind: fc.constantFrom('activity', 'directory', 'server'),
        confidence: fc.constantFrom('likely', 'guess'),
        strength: fc.double({ min: 0.01, max: 1, noNaN: true }),
      })
      .map((each) => ({ ...each, why: text('made up') }));
    fc.assert(
      fc.property(scene, fc.array(weak, { maxLength: 12 }), (given, extraEvidence) => {
        const certain = told(
          correlate(inputOf(given)).matches.filter((match) => match.confidence === 'certain'),
        );
        const pairs = (list: string[]) => list.map((each) => each.split(' ').slice(0, 2).join(' '));
        const after = pairs(told(correlate({ ...inputOf(given), extraEvidence }).matches));
        for (const pair of pairs(certain)) expect(after).toContain(pair);
      }),
      { numRuns: 400 },
    );
  });
});

function isInCircle(sessions: readonly Session[], start: string): boolean {
  let at: string | undefined = start;
  for (let step = 0; step < 10 && at !== undefined; step++) {
    const here: string = at;
    at = sessions.find((each) => each.id === here)?.parentId;
  }
  return at !== undefined;
}
