import type { LogAsk } from '../../evidence/log-facts.ts';
import type { ChildProcess } from '../../process/process.ts';
import type { ReportedAsk } from '../reported-status.ts';
import type { AssistantMessage, ToolCall } from '../session.ts';
import type { StateEvidence } from './state-evidence.ts';

/** A tool call that waits for permission. */
export interface PendingPermission {
  readonly call: ToolCall;
  readonly ask?: LogAsk;
  readonly askedAtMs?: number | undefined;
}

/** How far an ask may lie from the recorded start of its part; milliseconds. */
interface Window {
  readonly earliest: number;
  readonly latest: number;
}

/** By time alone: measured from -2 to +150 on a machine at rest. */
const nearWindow: Window = { earliest: -100, latest: 500 };
/** Where the ask's pattern names the call's subject: measured from -20 to +509 on a loaded machine (load 10 to 20). */
const namedWindow: Window = { earliest: -500, latest: 5_000 };
/** A part is written again when it asks; what changes later than this was approved. */
const unchangedMs = 500;
/** `/proc` start times are good to about a second. */
const startTimeSlackMs = 1_000;
/** An approved or allowed shell call has metadata or a child within milliseconds; the log is batched by up to 1.1 s. */
const inferAfterMs = 1_500;

/** The calls of a step that wait for an answer or are at work, oldest first. */
export function openCalls(step: AssistantMessage): ToolCall[] {
  return step.parts
    .flatMap((part) => (part.kind === 'tool' ? [part.call] : []))
    .filter((call) => call.status === 'running' || call.status === 'pending');
}

/** A `question` tool that runs waits for its answer: the database alone is certain, in every version (opencode.md, "Question asked"). */
export function pendingQuestion(step: AssistantMessage): ToolCall | undefined {
  return openCalls(step).find((call) => call.tool === 'question' && call.status === 'running');
}

/** The oldest ask that opencode itself reports as unanswered and the database does not contradict. */
export function oldestReportedAsk(
  { reported, process }: StateEvidence,
  turnEndedAtMs?: number,
): ReportedAsk | undefined {
  if (reported === undefined || process === undefined) return undefined;
  const open = reported.asks.filter(
    (ask) => turnEndedAtMs === undefined || (ask.askedAtMs ?? reported.atMs) > turnEndedAtMs,
  );
  return open.toSorted((a, b) => (a.askedAtMs ?? reported.atMs) - (b.askedAtMs ?? reported.atMs))[0];
}

/**
 * The oldest ask in the process's log that fits a call which runs without metadata. The line bears neither
 * session nor call, and from 1.17 on no line follows a reply; so it counts only while everything fits: its time,
 * the permission against the tool, the part unchanged since, no shell child younger than the ask, and no later
 * word from the plugin or the server that nothing is asked.
 */
export function permissionByLog(
  step: AssistantMessage,
  evidence: StateEvidence,
): PendingPermission | undefined {
  const asks = evidence.log?.asks.filter((ask) => ask.kind === 'permission') ?? [];
  const pending = mayAsk(step).flatMap((call) => {
    const repliesMs = asks.filter((ask) => permits(ask, call)).flatMap((ask) => ask.repliedAtMs ?? []);
    return asks
      .filter((ask) => ask.repliedAtMs === undefined && fits(ask, call, repliesMs))
      .filter((ask) => !isRefuted(ask.atMs, call, evidence))
      .map((ask) => ({ call, ask, askedAtMs: ask.atMs }));
  });
  return pending.toSorted((a, b) => a.askedAtMs - b.askedAtMs)[0];
}

/**
 * Where no log can be read: a shell call that has run for a while with neither metadata nor a child. From 1.14.41
 * on an allowed one has metadata at once (opencode.md, "Asking or running"); before that, and for every other tool, this
 * says nothing.
 */
export function permissionByAbsence(
  step: AssistantMessage,
  evidence: StateEvidence,
): PendingPermission | undefined {
  const { session, log, reported, process, nowMs } = evidence;
  if (log?.exact || reported !== undefined || !isAtLeast(session.version ?? '', [1, 14, 41]))
    return undefined;
  const call = mayAsk(step).find((one) => {
    if (one.tool !== 'bash' || one.startedAtMs === undefined) return false;
    const childrenSinceMs = one.startedAtMs - startTimeSlackMs;
    const isOld = Math.abs(nowMs - one.startedAtMs) > inferAfterMs;
    return isOld && !hasYoungerShell(process?.children ?? [], childrenSinceMs, one);
  });
  return call && { call, askedAtMs: call.startedAtMs };
}

function mayAsk(step: AssistantMessage): ToolCall[] {
  return openCalls(step).filter(
    (call) => call.status === 'running' && !call.hasMetadata && call.tool !== 'question',
  );
}

function fits(ask: LogAsk, call: ToolCall, repliesMs: readonly number[]): boolean {
  if (!permits(ask, call)) return false;
  const { atMs } = ask;
  const { earliest, latest } = namesSubject(ask, call) ? namedWindow : nearWindow;
  const changedSince = call.updatedAtMs !== undefined && call.updatedAtMs > atMs + unchangedMs;
  // A call may ask twice, for a directory outside and then for its command: the second follows the first's reply.
  const anchorsMs = [call.startedAtMs, call.updatedAtMs, ...repliesMs].filter((time) => time !== undefined);
  return !changedSince && anchorsMs.some((time) => atMs - time >= earliest && atMs - time <= latest);
}

const shells = ['bash', 'shell'];
const toolsOf: ReadonlyMap<string, readonly string[]> = new Map([
  ['bash', shells],
  ['shell', shells],
  ['edit', ['edit', 'write', 'patch', 'apply_patch', 'multiedit']],
]);

/** Which tools a permission is asked for by (opencode.md, "Asking or running"); these two are asked for by any. */
function permits({ permission }: LogAsk, { tool }: ToolCall): boolean {
  if (permission === undefined || permission === 'external_directory' || permission === 'doom_loop')
    return true;
  return (toolsOf.get(permission) ?? [permission]).includes(tool);
}

/** A pattern is a part of the command, or a file's path from the project's root (`/` outside of git), whatever the call's is. */
function namesSubject(ask: LogAsk, { subject }: ToolCall): boolean {
  if (subject === undefined || subject === '') return false;
  const path = `/${subject.replace(/^\.?\//, '')}`;
  return ask.patterns.some(
    (pattern) => pattern !== '' && (subject.includes(pattern) || `/${pattern}`.endsWith(path)),
  );
}

function isRefuted(askedAtMs: number, call: ToolCall, { reported, process }: StateEvidence): boolean {
  if (reported !== undefined && reported.atMs >= askedAtMs) return true;
  return call.tool === 'bash' && hasYoungerShell(process?.children ?? [], askedAtMs, call);
}

/**
 * A shell child is absent while its call asks and present while it runs (opencode.md, "Child processes"); MCP servers are
 * older and named otherwise.
 */
function hasYoungerShell(children: readonly ChildProcess[], sinceMs: number, { subject }: ToolCall): boolean {
  const wanted = new Set(words(subject ?? ''));
  return children.some(
    ({ startedAtMs, command }) =>
      startedAtMs !== undefined &&
      startedAtMs >= sinceMs &&
      (wanted.size === 0 || words(command).some((word) => wanted.has(word))),
  );
}

function words(line: string): string[] {
  return line.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1);
}

/** Development builds call themselves 0.0.0-… and are newer than any release. */
function isAtLeast(version: string, least: readonly [number, number, number]): boolean {
  if (version.startsWith('0.0.0-')) return true;
  const parts = version.split(/[.-]/, 3).map(Number);
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? Number.NaN;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
