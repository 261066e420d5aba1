import type { Verdict } from './judge.ts';

/** What a run of the rig comes to, in numbers. */
export interface Tally {
  /** Rows of processes that a prompt was typed into, and those of them with their own session. */
  readonly typed: number;
  readonly typedRight: number;
  /** Matches that otop called certain, and those of them that were wrong. */
  readonly certain: number;
  readonly certainWrong: number;
  /** States of panes that had shown the same for more than 1.5 s, and those of them that were right. */
  readonly states: number;
  readonly statesRight: number;
  /** Rows that claimed to be at work without a live process. */
  readonly ghosts: number;
  readonly passed: number;
  readonly failed: number;
}

/** Nothing counted yet. */
export const noTally: Tally = {
  typed: 0,
  typedRight: 0,
  certain: 0,
  certainWrong: 0,
  states: 0,
  statesRight: 0,
  ghosts: 0,
  passed: 0,
  failed: 0,
};

/** The tally with these verdicts counted in; checks passed and failed are the report's own. */
export function tallied(before: Tally, verdicts: readonly Verdict[]): Tally {
  const count = (test: (verdict: Verdict) => boolean): number => verdicts.filter(test).length;
  return {
    ...before,
    typed: before.typed + count(({ typed }) => typed),
    typedRight: before.typedRight + count(({ typed, matched }) => typed && matched),
    certain: before.certain + count(({ confidence }) => confidence === 'certain'),
    certainWrong:
      before.certainWrong + count(({ confidence, matched }) => confidence === 'certain' && !matched),
    states: before.states + count(({ state }) => state !== undefined),
    statesRight: before.statesRight + count(({ state }) => state === 'right'),
  };
}
