import { checklist, near, stateOf, type Verdict } from '../judge.ts';
import type { OtopRow } from '../otop.ts';
import type { Actor, View } from './actor.ts';
import type { StoredSession } from './truth.ts';

/** otop cuts longer lines. */
const maxLineLength = 600;

/** The truth about one session, independent of otop. */
export interface Truth {
  /** The pid of the service. */
  readonly pid: number;
  readonly view: View;
  /** The session in the database before and after otop ran; empty if only its process and its state are judged. */
  readonly readings: readonly StoredSession[];
}

/** Compares otop's row of a session with the truth. */
export function judge(actor: Actor, { pid, view, readings }: Truth, rows: readonly OtopRow[]): Verdict {
  const { check, problems, count } = checklist();
  const own = rows.filter(({ session }) => session?.id === actor.sessionId);
  const [row] = own;
  // A session without a prompt may be left out.
  const mayBeMissing = view.expected.includes('new');
  check(own.length === 1 || (own.length === 0 && mayBeMissing), `${own.length} rows for the session`);
  // At rest no process works on the session. The service may stand there, since it owns every session of its database.
  const isOwn = row !== undefined && (row.pid === pid || (!view.active && row.pid === null));
  let state: Verdict['state'];
  if (row !== undefined) {
    check(isOwn, `WRONG PROCESS ${row.pid}, not ${pid}`);
    if (view.active)
      check(row.match?.confidence === 'certain', `not certain: ${row.match?.why ?? 'no match'}`);
    state = view.expected.includes(stateOf(row)) ? 'right' : 'wrong';
    check(state === 'right', `STATE ${stateOf(row)}, not ${view.expected.join(' or ')}`);
    if (readings.length > 0) checkFields(row, actor, view, readings, check);
  }
  const wanted = `${actor.word ?? '-'} ${actor.sessionId} ${view.expected.join('|')}${view.active ? ` at ${pid}` : ''}`;
  const got =
    row === undefined ? 'nothing' : `${stateOf(row)} at ${row.pid} (${row.match?.why ?? 'no match'})`;
  return {
    checks: count(),
    problems,
    confidence: row?.match?.confidence ?? 'none',
    typed: actor.word !== undefined,
    matched: isOwn || (row === undefined && mayBeMissing),
    state,
    line: `session ${actor.index} ${wanted} => ${got}`,
  };
}

/** Checks the fields of a row against the database; a field may match either reading. */
function checkFields(
  { session }: OtopRow,
  actor: Actor,
  view: View,
  readings: readonly StoredSession[],
  check: (ok: boolean, problem: string) => void,
): void {
  const [wanted] = readings;
  if (session === null || wanted === undefined) return;
  const same = (what: string, got: unknown, pick: (stored: StoredSession) => unknown): void =>
    check(
      readings.some((stored) => got === pick(stored)),
      `${what} ${JSON.stringify(got)}, not ${JSON.stringify(pick(wanted))}`,
    );
  same('title', session.title, ({ title }) => title);
  same('directory', session.directory, ({ directory }) => directory);
  same('messages', session.message_count, ({ messages }) => messages);
  same('input tokens', session.tokens?.input ?? 0, ({ tokens }) => tokens.input);
  same('output tokens', session.tokens?.output ?? 0, ({ tokens }) => tokens.output);
  same('context', session.context?.used ?? undefined, ({ contextTokens }) => contextTokens);
  same('todos', session.todos?.total ?? 0, ({ todos }) => todos);
  same('last prompt', session.last_prompt ?? undefined, ({ lastPrompt }) => lastPrompt);
  check(
    // The preview writes 0 whatever the price, so otop may say that it does not know the cost.
    readings.some(({ cost }) => near(session.cost ?? 0, cost, 1e-6)),
    `cost ${session.cost}, not ${wanted.cost}`,
  );
  check(
    readings.some(
      ({ model }) => model === undefined || JSON.stringify(session.model)?.includes(model) === true,
    ),
    `model ${JSON.stringify(session.model)}, not ${wanted.model}`,
  );
  // Text that still comes is in the events only; showing it is allowed and not wanted.
  const comes = view.active && actor.word !== undefined && session.last_output?.includes(actor.word) === true;
  const said = ({ lastOutput }: StoredSession): boolean =>
    (session.last_output ?? undefined) === lastOutput?.slice(0, maxLineLength).trim();
  check(
    comes || readings.some(said),
    `last output ${JSON.stringify(session.last_output)}, not ${JSON.stringify(wanted.lastOutput)}`,
  );
}
