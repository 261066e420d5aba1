import type { Verdict } from './judge.ts';
import type { Ghosts } from './score.ts';
import { noTally, type Tally, tallied } from './tally.ts';

/** Counts passed and failed checks and prints a line for each pane. */
export interface Report {
  /** Adds and prints the panes' verdicts under a heading. */
  verdicts(heading: string, verdicts: readonly Verdict[]): void;
  /** Adds verdicts of samples, of which only a share must be right. */
  sampled(verdicts: readonly Verdict[]): void;
  /** Adds rows with a working state and no process; each is a failure. */
  ghosts(ghosts: Ghosts): void;
  /** Adds a single check. */
  check(ok: boolean, line: string): void;
  /** Prints a remark that is not a check. */
  note(line: string): void;
  readonly tally: Tally;
  /** Prints the totals. */
  finish(): void;
}

/** Starts a report that writes its lines with `write`. */
export function createReport(write: (line: string) => void): Report {
  let tally = noTally;
  const add = (passed: number, failed: number): void => {
    tally = { ...tally, passed: tally.passed + passed, failed: tally.failed + failed };
  };
  const check = (ok: boolean, line: string): void => {
    add(ok ? 1 : 0, ok ? 0 : 1);
    write(`${ok ? 'ok  ' : 'FAIL'} ${line}`);
  };
  return {
    get tally() {
      return tally;
    },
    verdicts(heading, verdicts) {
      write(`# ${heading}`);
      tally = tallied(tally, verdicts);
      for (const { checks, problems, line } of verdicts) {
        add(checks - problems.length, problems.length);
        write(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${line}`);
        for (const problem of problems) write(`       ${problem}`);
      }
    },
    sampled(verdicts) {
      tally = tallied(tally, verdicts);
    },
    ghosts(ghosts) {
      for (const ghost of ghosts) check(false, `AT WORK WITHOUT A PROCESS: ${ghost}`);
      tally = { ...tally, ghosts: tally.ghosts + ghosts.length };
    },
    check,
    note: (line) => write(`     ${line}`),
    finish() {
      write(`${tally.certain} matches were certain, ${tally.certainWrong} of them wrong`);
      write(`${tally.typedRight} of ${tally.typed} prompted processes had their own session`);
      write(`${tally.statesRight} of ${tally.states} states were right`);
      write(`${tally.passed} passed, ${tally.failed} failed`);
    },
  };
}
