import { duration } from '../../text/format.ts';
import { type DisplayText, sanitizeSpaced } from '../../text/sanitize.ts';
import type { Row } from '../board/board.ts';
import { isAtRest } from '../board/judged-session.ts';
import type { ServerLink } from '../board/readings.ts';
import { isServer, type OpencodeProcess } from '../process/process.ts';
import { isPrivateServer, isService, viewersIn } from '../process/viewers.ts';
import { rules } from '../session/rules/rules.ts';
import { isOfTwo, type Session } from '../session/session.ts';
import type { Candidate } from './candidates.ts';
import type { Correlation } from './correlate.ts';
import type { LogFacts } from './log-facts.ts';
import type { Confidence, Evidence, Match } from './match.ts';

/** The input of an explanation: the poll that the Board was built from. */
export interface WhyInput {
  readonly correlation: Correlation;
  readonly processes: readonly OpencodeProcess[];
  readonly sessions: ReadonlyMap<string, Session>;
  readonly log: ReadonlyMap<number, LogFacts>;
  /** By pid: the connections to servers of this machine. */
  readonly links?: ReadonlyMap<number, ServerLink>;
  /** The rows, for the states and their rules. */
  readonly rows: readonly Row[];
  readonly nowMs: number;
}

/** The maximum number of printed pairs that were not chosen. */
const maxOtherCandidates = 5;

/** The maximum number of explained sessions of a server, which can have thousands. */
const maxOwnSessions = 20;

/**
 * The lines that explain a process's session, or its lack of one: the evidence for and against, strongest first. Of a viewer:
 * the session that it shows.
 */
export function whyProcess(process: OpencodeProcess, input: WhyInput): DisplayText[] {
  const { matches } = input.correlation;
  if ([...viewersIn(input.processes)].some(({ pid }) => pid === process.pid))
    return whyViewer(process, input);
  const own = matches.filter(({ pid }) => pid === process.pid);
  if (!isServer(process)) return explained(process, own, input);
  const atWork = own.filter(({ sessionId }) => {
    const row = input.rows.find(({ session }) => session?.id === sessionId);
    return row !== undefined && !isAtRest(row.state);
  });
  const printed = [...new Set([...atWork, ...own])].slice(0, maxOwnSessions);
  const left = own.length - printed.length;
  const more = left > 0 ? ['', `and ${left} more: \`otop why SESSION\` explains one`] : [];
  return [...explained(process, printed, input), ...more.map((line) => sanitizeSpaced(line))];
}

function explained(process: OpencodeProcess, own: readonly Match[], input: WhyInput): DisplayText[] {
  const { candidates, fresh, matches } = input.correlation;
  const others = candidates.filter(
    ({ pid, sessionId }) =>
      pid === process.pid && !matches.some((match) => match.pid === pid && match.sessionId === sessionId),
  );
  const lines = [describeProcess(process, input), ...serverLines(process, input)];
  for (const match of own) {
    lines.push('', `runs ${describeSession(match.sessionId, input)}: ${match.confidence}`);
    lines.push(
      ...pieceLines(match.pieces, input),
      ...doubtLines(match),
      ...stateLines(match.sessionId, input),
      ...viewerLines(match.sessionId, input),
    );
  }
  if (own.length === 0) lines.push('', `runs no session: ${withoutSession(process, fresh, others)}`);
  lines.push(
    ...candidateLines(
      'other sessions it might run',
      others,
      ({ sessionId }) => describeSession(sessionId, input),
      input,
    ),
  );
  lines.push(...adviceLines(process, own[0]?.confidence, input));
  return lines.map(sanitizeSpaced);
}

/** The session that a viewer shows, and the process that runs it. */
function whyViewer(process: OpencodeProcess, input: WhyInput): DisplayText[] {
  const { matches, views } = input.correlation;
  const view = views.get(process.pid);
  const lines = [describeProcess(process, input), ''];
  if (view === undefined) {
    const reason =
      process.kind === 'attach'
        ? ''
        : '; neither its terminal title nor its arguments say which one it shows';
    lines.push(`runs no session: a viewer, its sessions are run by the server it is attached to${reason}`);
    const own = input.processes.find((one) => isPrivateServer(one) && one.parentPid === process.pid);
    if (own !== undefined)
      lines.push(`  started  ${describeProcess(own, input)}`, ...serverLines(own, input));
    return lines.map(sanitizeSpaced);
  }
  lines.push(`shows ${describeSession(view.sessionId, input)}: ${view.why}`);
  const match = matches.find(({ sessionId }) => sessionId === view.sessionId);
  const runner = input.processes.find(({ pid }) => pid === match?.pid);
  if (runner !== undefined) {
    lines.push(`  run by   ${describeProcess(runner, input)}`, ...serverLines(runner, input));
  }
  return [...lines, ...stateLines(view.sessionId, input)].map(sanitizeSpaced);
}

/** What a server speaks, and when it was last heard; nothing for other processes. */
function serverLines(process: OpencodeProcess, { links, nowMs }: WhyInput): string[] {
  const link = links?.get(process.pid);
  if (link === undefined && !(isService(process) && links !== undefined)) return [];
  const heard = link?.heardAtMs === undefined ? [] : [`last heard ${duration(nowMs - link.heardAtMs)} ago`];
  const version = link?.version === undefined ? 'version unknown' : `opencode ${link.version}`;
  const known = [version, link?.api, ...heard].filter((part) => part !== undefined).join(', ');
  if (link?.state === 'live') return [`  server   ${known}`];
  const reason = link === undefined ? 'no known port' : (link.why ?? 'no answer yet');
  const blind = isHostOfTwo(process) ? ['  asks     cannot be seen: only the service knows them'] : [];
  return [`  server   ${known}, not connected: ${reason}`, ...blind];
}

function isHostOfTwo(process: OpencodeProcess): boolean {
  return isService(process) || isPrivateServer(process);
}

/** The viewers of a session, with the reason. */
function viewerLines(sessionId: string, input: WhyInput): string[] {
  return [...input.correlation.views].flatMap(([pid, view]) => {
    if (view.sessionId !== sessionId) return [];
    const viewer = input.processes.find((each) => each.pid === pid);
    return [
      `  shown by ${viewer === undefined ? `pid ${pid}` : describeProcess(viewer, input)}: ${view.why}`,
    ];
  });
}

/** The lines that explain a session's process, or its lack of one. */
export function whySession(session: Session, input: WhyInput): DisplayText[] {
  const { matches, candidates } = input.correlation;
  const match = matches.find(({ sessionId }) => sessionId === session.id);
  const process = input.processes.find(({ pid }) => pid === match?.pid);
  if (match !== undefined && process !== undefined)
    return isServer(process) ? explained(process, [match], input) : whyProcess(process, input);
  const named = candidates.filter(({ sessionId }) => sessionId === session.id);
  const lines = [describeSession(session.id, input), '', noProcess(session, named)];
  lines.push(...stateLines(session.id, input), ...viewerLines(session.id, input));
  const describe = ({ pid }: Candidate) => {
    const candidate = input.processes.find((each) => each.pid === pid);
    return candidate === undefined ? `pid ${pid}` : describeProcess(candidate, input);
  };
  lines.push(...candidateLines('processes that might run it', named, describe, input));
  return lines.map(sanitizeSpaced);
}

function noProcess(session: Session, named: readonly Candidate[]): string {
  if (session.parentId !== undefined)
    return `a subagent of ${session.parentId}: it is run by its root's process`;
  return named.length === 0
    ? 'no process: nothing names it'
    : 'no process: what names it went to others, or is too weak';
}

function withoutSession(
  process: OpencodeProcess,
  fresh: ReadonlyMap<number, DisplayText>,
  others: readonly Candidate[],
): string {
  const reason = fresh.get(process.pid);
  if (reason !== undefined) return reason;
  return others.length === 0 ? 'nothing names one' : 'what names one went to others, or is too weak';
}

function describeProcess(process: OpencodeProcess, { nowMs }: WhyInput): string {
  const parts = [`pid ${process.pid}`, isService(process) ? 'service' : process.kind];
  if (process.tty !== undefined) parts.push(process.tty);
  if (process.pane !== undefined) parts.push(`tmux ${process.pane.target}`);
  parts.push(process.cwdText ?? 'directory unknown');
  if (process.startedAtMs !== undefined) parts.push(`up ${duration(nowMs - process.startedAtMs)}`);
  if (process.orphan) parts.push('an orphan: its terminal is gone');
  return parts.join('  ');
}

function describeSession(sessionId: string, { sessions }: WhyInput): string {
  const session = sessions.get(sessionId);
  if (session === undefined) return `${sessionId} (not in the database that was read)`;
  return session.title === undefined ? sessionId : `${sessionId} '${session.title}'`;
}

function pieceLines(pieces: readonly Evidence[], input: WhyInput): string[] {
  return pieces.map((piece) => {
    const sign = piece.strength > 0 ? 'for    ' : piece.strength < 0 ? 'against' : 'earlier';
    const age = piece.atMs === undefined ? '' : ` (${duration(input.nowMs - piece.atMs)} ago)`;
    return `  ${sign}  ${piece.kind.padEnd(9)}  ${piece.confidence.padEnd(7)}  ${piece.why}${age}`;
  });
}

/** Explains a confidence below that of the best evidence, since it would look like an error. */
function doubtLines({ confidence, pieces }: Match): string[] {
  const isDoubted =
    confidence !== 'certain' && pieces.some((piece) => piece.strength > 0 && piece.confidence === 'certain');
  return isDoubted
    ? ["  but      it may show another session since then: its terminal's title does not tell"]
    : [];
}

function stateLines(sessionId: string, { rows, sessions, nowMs }: WhyInput): string[] {
  const session = sessions.get(sessionId);
  const made = session?.version === undefined ? '' : `, made by ${session.version}`;
  const generation = session !== undefined && isOfTwo(session) ? [`  rows     of opencode 2${made}`] : [];
  return [...generation, ...ruleLines(sessionId, { rows, nowMs })];
}

function ruleLines(sessionId: string, { rows, nowMs }: Pick<WhyInput, 'rows' | 'nowMs'>): string[] {
  const row = rows.find(({ session }) => session?.id === sessionId);
  if (row === undefined) return [];
  const { name, askingFor, sinceMs, rule } = row.state;
  const what = askingFor === undefined ? name : `${name} for ${askingFor}`;
  const since = sinceMs === undefined ? '' : ` since ${duration(nowMs - sinceMs)}`;
  const says = rules.find(({ id }) => id === rule)?.says;
  return [
    `  state    ${what}${since}: ${rule}${says === undefined ? '' : ` (${says})`}`,
    ...(row.asksUnseen === undefined
      ? []
      : [`  asks     may ask for a permission, which cannot be seen: ${row.asksUnseen}`]),
    ...(row.session === undefined ? [] : notUnderstood(row.session)).map((one) => `  not understood: ${one}`),
  ];
}

function candidateLines(
  heading: string,
  candidates: readonly Candidate[],
  describe: (candidate: Candidate) => string,
  input: WhyInput,
): string[] {
  if (candidates.length === 0) return [];
  const ordered = candidates.toSorted((left, right) => rankOf(right) - rankOf(left));
  const printed = ordered.slice(0, maxOtherCandidates);
  const left = ordered.length - printed.length;
  return [
    '',
    `${heading}:`,
    ...printed.flatMap((candidate) => [
      `  ${describe(candidate)}: ${candidate.judgement?.confidence ?? 'nothing for it'}`,
      ...pieceLines(candidate.pieces, input).map((line) => `  ${line}`),
    ]),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

function rankOf({ judgement }: Candidate): number {
  if (judgement === undefined) return 0;
  return { certain: 3000, likely: 2000, guess: 1000 }[judgement.confidence] + judgement.units;
}

/** Advice to the user for a certain match at the next poll. */
function adviceLines(
  process: OpencodeProcess,
  confidence: Confidence | undefined,
  input: WhyInput,
): string[] {
  // The log of opencode 2 names no sessions.
  if (confidence === 'certain' || isHostOfTwo(process)) return [];
  const facts = input.log.get(process.pid);
  const advice: string[] = [];
  if (facts === undefined) {
    advice.push('its log cannot be read: every line there would name its session');
    advice.push(...process.missing.map((text) => `  missing: ${text}`));
  } else if (facts.sharedWith !== undefined) {
    const others = facts.sharedWith.join(', ');
    advice.push(
      `its log was begun in the same second as that of pid ${others}: both write it, and no line says who`,
    );
  } else if (!facts.exact) {
    advice.push(
      'its lines in the shared log were chosen by its start time: the position of its descriptor is unknown',
    );
  }
  if (process.kind === 'tui') {
    advice.push('send it a prompt: while it works on that, its log names the session');
    if (process.pane === undefined) {
      advice.push(
        'run it in tmux: its terminal title follows the session it shows, also after a switch inside',
      );
    }
  }
  const isReported = input.correlation.candidates.some(
    ({ pid, pieces }) => pid === process.pid && pieces.some(({ kind }) => kind === 'marker'),
  );
  if (!isReported) advice.push("'otop plugin install' lets opencode itself report which session it works on");
  return [
    '',
    confidence === undefined ? 'what would tell more:' : 'what would make it certain:',
    ...advice.map((line) => `  ${line}`),
  ];
}

/** Types of parts, up to 1.18, that do not affect a session's state. */
const silentTypes: ReadonlySet<string> = new Set(['file', 'agent', 'subtask', 'snapshot', 'patch', 'retry']);

/**
 * Descriptions of the content of the newest message that no rule covers: parts of a newer opencode, a row that is not
 * JSON, a tool with an unknown status. The session's state comes from the remaining parts.
 */
function notUnderstood({ newestAssistant }: Session): string[] {
  const found = new Set<string>();
  for (const part of newestAssistant?.parts ?? []) {
    if (part.kind === 'other' && !silentTypes.has(part.type ?? ''))
      found.add(part.type === undefined ? 'a part without a type' : `a part of type '${part.type}'`);
    if (part.kind === 'tool' && part.call.status === 'unknown')
      found.add(`the state of a call of '${part.call.tool}'`);
  }
  return [...found];
}
