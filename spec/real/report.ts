import type { Verdict } from './score.ts';

/** Counts what passed and failed, and prints a line for each pane. */
export interface Report {
  /** A pane's verdict, under a heading that says what was going on. */
  verdicts(heading: string, verdicts: readonly Verdict[]): void;
  /** A single check that is no pane's. */
  check(ok: boolean, line: string): void;
  /** A remark that counts for nothing. */
  note(line: string): void;
  /** Prints the totals, the last line of all, and gives the exit code. */
  finish(): number;
}

/** Starts a report that writes its lines with `write`. */
export function createReport(write: (line: string) => void): Report {
  let passed = 0;
  let failed = 0;
  let certain = 0;
  let certainAndWrong = 0;
  return {
    verdicts(heading, verdicts) {
      write(`# ${heading}`);
      for (const { checks, problems, line, confidence } of verdicts) {
        failed += problems.length;
        passed += checks - problems.length;
        certain += confidence === 'certain' ? 1 : 0;
        certainAndWrong += problems.includes('CERTAIN AND WRONG') ? 1 : 0;
        write(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${line}`);
        for (const problem of problems) write(`       ${problem}`);
      }
    },
    check(ok, line) {
      passed += ok ? 1 : 0;
      failed += ok ? 0 : 1;
      write(`${ok ? 'ok  ' : 'FAIL'} ${line}`);
    },
    note: (line) => write(`     ${line}`),
    finish() {
      write(`${certain} matches were certain, ${certainAndWrong} of them wrong`);
      write(`${passed} passed, ${failed} failed`);
      return failed > 0 || passed === 0 ? 1 : 0;
    },
  };
}
