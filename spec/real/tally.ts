import type { Verdict } from './judge.ts';

/** The counts of a run of the rig. */
export interface Tally {
  /** Rows of prompted processes, and those of them with their own session. */
  readonly typed: number;
  readonly typedRight: number;
  /** Certain matches, and the wrong ones among them. */
  readonly certain: number;
  readonly certainWrong: number;
  /** States of panes that were unchanged for more than 1.5 s, and the right ones among them. */
  readonly states: number;
  readonly statesRight: number;
  /** Rows with a working state but without a live process. */
  readonly ghosts: number;
  readonly passed: number;
  readonly failed: number;
}

/** The empty tally. */
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

/** Returns the tally with these verdicts added; the report counts passed and failed checks itself. */
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
