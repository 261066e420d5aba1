import { expect, it } from 'vitest';
import { correlate } from '../../../lib/domain/evidence/correlate.ts';
import type { Match } from '../../../lib/domain/evidence/match.ts';
import { noActivity, rememberActivity } from '../../../lib/domain/evidence/rules/activity.ts';
import { nowMs } from '../../support/builders.ts';
import { type Crowd, crowdOf } from '../../support/crowd.ts';

/** Two polls, as in the dashboard, of the same processes and sessions in another order. */
function matchesOf({ processes, sessions, log }: Crowd): readonly Match[] {
  const scene = { processes, sessions, log, extraEvidence: [], nowMs };
  const first = correlate({ ...scene, previous: [], activity: noActivity });
  const activity = rememberActivity(noActivity, scene);
  const turned = {
    ...scene,
    processes: processes.toReversed(),
    sessions: new Map([...sessions].toReversed()),
    log: new Map([...log].toReversed()),
  };
  const second = correlate({ ...turned, previous: first.matches, activity });
  expect(second.matches).toEqual(first.matches);
  return first.matches;
}

it('fifty processes get their own of five hundred sessions by their logs', () => {
  const crowd = crowdOf(50, 500, 'log');
  const matches = matchesOf(crowd);
  expect(new Map(matches.map(({ pid, sessionId }) => [pid, sessionId]))).toEqual(crowd.ownOf);
  expect(matches.every(({ confidence }) => confidence !== 'guess')).toBe(true);
});

it('fifty processes get their own session by their terminal titles alone', () => {
  const crowd = crowdOf(50, 500, 'title');
  const matches = matchesOf(crowd);
  expect(new Map(matches.map(({ pid, sessionId }) => [pid, sessionId]))).toEqual(crowd.ownOf);
});

it('fifty processes with only a known directory get guesses, each session once', () => {
  const matches = matchesOf(crowdOf(50, 500, 'directory'));
  expect(new Set(matches.map(({ sessionId }) => sessionId)).size).toBe(matches.length);
  expect(new Set(matches.map(({ confidence }) => confidence))).toEqual(new Set(['guess']));
});
