import type { SessionTruth } from './database-truth.ts';
import type { OtopRow, Surroundings } from './otop.ts';
import type { Pane } from './rig.ts';
import type { View } from './watcher.ts';

/** How long a pane must be unchanged before its row is judged (issue 5, item 4). */
export const steadyMs = 1500;

/** The verdict on one pane, or on one session of opencode 2, at one time. */
export interface Verdict {
  /** The number of checks, and the failed ones as text. */
  readonly checks: number;
  readonly problems: readonly string[];
  /** Expected and actual row, in one line. */
  readonly line: string;
  /** The confidence of the row's match. */
  readonly confidence: string;
  /** A prompt was typed into the pane, and otop can find out which session it shows. */
  readonly typed: boolean;
  /** The row has the right session, or correctly none. */
  readonly matched: boolean;
  /** Whether the row's state was right; undefined if it was not judged because the session was wrong. */
  readonly state: 'right' | 'wrong' | undefined;
}

/** The truth about one pane, independent of otop. */
export interface Truth {
  readonly pid: number | undefined;
  readonly sessionId: string | undefined;
  readonly view: View;
  /** The session in the database before and after otop ran; empty if only the state is judged. */
  readonly readings: readonly SessionTruth[];
}

/** Returns a row's state in the words of the rig: an ask with its kind, `new` without a session. */
export function stateOf(row: OtopRow): string {
  const { session } = row;
  if (session === null || session === undefined) return 'new';
  return session.status === 'asking' ? `asking ${session.asking_for}` : session.status;
}

/**
 * How a pane is judged: `strict`, or `honest` if nothing on the machine reveals its session. Then the row may be empty
 * or a guess, but not certain and wrong.
 */
export type Judging = 'strict' | 'honest';

/** Returns a collector of problems that counts the checks. */
export function checklist() {
  const problems: string[] = [];
  let checks = 0;
  return {
    problems,
    count: () => checks,
    check(ok: boolean, problem: string): void {
      checks += 1;
      if (!ok) problems.push(problem);
    },
  };
}

/** True if a number is there and at most `slack` from the wanted one. */
export const near = (got: number | null | undefined, wanted: number, slack: number): boolean =>
  got !== null && got !== undefined && Math.abs(got - wanted) <= slack;

/** Checks the fields of a row against the database and the process; a field may match either reading of the database. */
function checkFields(
  row: OtopRow,
  pane: Pane,
  truths: readonly SessionTruth[],
  surroundings: Surroundings,
  check: (ok: boolean, problem: string) => void,
): void {
  const { session } = row;
  const any = (test: (truth: SessionTruth) => boolean): boolean => truths.some(test);
  const wanted = truths[0];
  check(row.cwd === pane.directory, `cwd ${row.cwd}, not ${pane.directory}`);
  check(row.mem_mb !== null && row.mem_mb > 50, `mem_mb ${row.mem_mb}`);
  check(row.tty?.startsWith('pts/') === true, `tty ${row.tty}`);
  check(near(row.uptime_ms, 1_800_000, 1_800_000), `uptime_ms ${row.uptime_ms}`);
  if (surroundings === 'tmux') {
    check(row.tmux_pane === pane.target, `tmux_pane ${row.tmux_pane}, not ${pane.target}`);
  }
  if (session === null || session === undefined || wanted === undefined) return;
  check(
    any((truth) => session.title === truth.title),
    `title ${session.title}, not ${wanted.title}`,
  );
  check(JSON.stringify(session.model)?.includes('fake-1') === true, `model ${JSON.stringify(session.model)}`);
  const tokens = (truth: SessionTruth): boolean =>
    session.tokens?.input === truth.tokens.input && session.tokens.output === truth.tokens.output;
  check(any(tokens), `tokens ${JSON.stringify(session.tokens)}, not ${JSON.stringify(wanted.tokens)}`);
  check(
    any((truth) => near(session.cost, truth.cost, 1e-6)),
    `cost ${session.cost}, not ${wanted.cost}`,
  );
  check(
    any((truth) => session.message_count === truth.messages),
    `messages ${session.message_count}, not ${wanted.messages}`,
  );
  const used = (truth: SessionTruth): boolean => (session.context?.used ?? undefined) === truth.contextTokens;
  check(any(used), `context used ${session.context?.used}, not ${wanted.contextTokens}`);
  if (wanted.contextTokens !== undefined) {
    const percent = (truth: SessionTruth): boolean =>
      near(session.context?.percent, (truth.contextTokens ?? 0) / 1000, 1);
    check(any(percent), `context ${session.context?.percent} %, not ${wanted.contextTokens / 1000}`);
  }
}

/** Compares the row of a pane's process with the truth; without `surroundings` only its session and state. */
export function judge(
  pane: Pane,
  truth: Truth,
  rows: readonly OtopRow[],
  surroundings: Surroundings | undefined,
  judging: Judging,
): Verdict {
  const { check, problems, count } = checklist();
  const { pid, sessionId, view, readings } = truth;
  const own = rows.filter((row) => row.pid === pid);
  const [row] = own;
  const wanted = `pid ${pid} ${pane.word ?? '-'} ${sessionId ?? 'no session'} ${view.expected.join('|')}`;
  check(pid !== undefined && own.length === 1, `${own.length} rows for the process`);
  let got = 'nothing';
  let matched = false;
  let state: Verdict['state'];
  if (row !== undefined) {
    const { match } = row;
    const confidence = match === null ? 'no match' : `${match.evidence}, ${match.confidence}: ${match.why}`;
    got = `${row.session?.id ?? 'no session'} ${stateOf(row)} in ${row.tmux_pane ?? 'no pane'} (${confidence})`;
    matched = row.session?.id === sessionId;
    if (judging === 'strict') check(matched, 'WRONG SESSION');
    check(matched || match?.confidence !== 'certain', 'CERTAIN AND WRONG');
    if (matched || judging === 'strict') {
      state = view.expected.includes(stateOf(row)) ? 'right' : 'wrong';
      check(state === 'right', `STATE ${stateOf(row)}, not ${view.expected.join(' or ')}`);
    }
    if (matched && surroundings !== undefined) checkFields(row, pane, readings, surroundings, check);
  }
  return {
    checks: count(),
    problems,
    confidence: row?.match?.confidence ?? 'none',
    typed: pane.word !== undefined && judging === 'strict',
    matched,
    state,
    line: `pane ${pane.index} ${wanted} => ${got}`,
  };
}
