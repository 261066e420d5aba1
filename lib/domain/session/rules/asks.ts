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

/** The allowed distance of an ask from the recorded start of its part. */
interface TimeWindow {
  readonly minMs: number;
  readonly maxMs: number;
}

/** For a match by time alone: measured -2 to +150 ms on an idle machine. */
const nearWindow: TimeWindow = { minMs: -100, maxMs: 500 };
/** If the ask's pattern names the call's subject: measured -20 to +509 ms on a loaded machine (load 10 to 20). */
const namedWindow: TimeWindow = { minMs: -500, maxMs: 5_000 };
/** opencode rewrites the part when it asks; a later change means that the call was approved. */
const unchangedMs = 500;
/** `/proc` start times are precise to about a second. */
const startTimeSlackMs = 1_000;
/** An allowed shell call has metadata or a child within milliseconds; log lines come up to 1.1 s late, in batches. */
const inferAfterMs = 1_500;

/** The pending and running calls of a step, oldest first. */
export function openCalls(step: AssistantMessage): ToolCall[] {
  return step.parts
    .flatMap((part) => (part.kind === 'tool' ? [part.call] : []))
    .filter((call) => call.status === 'running' || call.status === 'pending');
}

/**
 * The running `question` call of a step, which waits for its answer: the database alone is certain, in every version
 * (opencode.md, "Question asked"). Undefined if there is none.
 */
export function pendingQuestion(step: AssistantMessage): ToolCall | undefined {
  return openCalls(step).find((call) => call.tool === 'question' && call.status === 'running');
}

/** The oldest unanswered ask that opencode reports, if it is newer than the end of the turn; else undefined. */
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
 * The oldest ask in the process's log that fits a running call without metadata; undefined if there is none. The log
 * line names neither session nor call, and from 1.17 on no line follows a reply. So all of this must hold: the time
 * fits, the permission fits the tool, the part is unchanged, no shell child is younger, no later report denies it.
 */
export function permissionByLog(
  step: AssistantMessage,
  evidence: StateEvidence,
): PendingPermission | undefined {
  const asks = evidence.log?.asks.filter((ask) => ask.kind === 'permission') ?? [];
  const pending = possiblyAsking(step).flatMap((call) => {
    const repliesMs = asks.filter((ask) => permits(ask, call)).flatMap((ask) => ask.repliedAtMs ?? []);
    return asks
      .filter((ask) => ask.repliedAtMs === undefined && fits(ask, call, repliesMs))
      .filter((ask) => !isRefuted(ask.atMs, call, evidence))
      .map((ask) => ({ call, ask, askedAtMs: ask.atMs }));
  });
  return pending.toSorted((a, b) => a.askedAtMs - b.askedAtMs)[0];
}

/**
 * Without a readable log: a shell call that has run for a while without metadata or a child. From 1.14.41 on an
 * allowed shell call has metadata at once (opencode.md, "Asking or running"). Undefined for older versions, for opencode 2
 * and for all other tools, since they prove nothing.
 */
export function permissionByAbsence(
  step: AssistantMessage,
  evidence: StateEvidence,
): PendingPermission | undefined {
  const { session, log, reported, process, nowMs } = evidence;
  // The service of opencode 2 has the children of all its sessions, and its calls have metadata at other times.
  if (step.seq !== undefined) return undefined;
  if (log?.exact || reported !== undefined || !isAtLeast(session.version ?? '', [1, 14, 41]))
    return undefined;
  const call = possiblyAsking(step).find((one) => {
    if (one.tool !== 'bash' || one.startedAtMs === undefined) return false;
    const childrenSinceMs = one.startedAtMs - startTimeSlackMs;
    const isOld = Math.abs(nowMs - one.startedAtMs) > inferAfterMs;
    return isOld && !hasYoungerShell(process?.children ?? [], childrenSinceMs, one);
  });
  return call && { call, askedAtMs: call.startedAtMs };
}

function possiblyAsking(step: AssistantMessage): ToolCall[] {
  return openCalls(step).filter(
    (call) => call.status === 'running' && !call.hasMetadata && call.tool !== 'question',
  );
}

function fits(ask: LogAsk, call: ToolCall, repliesMs: readonly number[]): boolean {
  if (!permits(ask, call)) return false;
  const { atMs } = ask;
  const { minMs, maxMs } = namesSubject(ask, call) ? namedWindow : nearWindow;
  const changedSince = call.updatedAtMs !== undefined && call.updatedAtMs > atMs + unchangedMs;
  // A call can ask twice: for an outside directory, then for its command right after the first reply.
  const anchorsMs = [call.startedAtMs, call.updatedAtMs, ...repliesMs].filter((time) => time !== undefined);
  return !changedSince && anchorsMs.some((time) => atMs - time >= minMs && atMs - time <= maxMs);
}

const shells = ['bash', 'shell'];
const toolsByPermission: ReadonlyMap<string, readonly string[]> = new Map([
  ['bash', shells],
  ['shell', shells],
  ['edit', ['edit', 'write', 'patch', 'apply_patch', 'multiedit']],
]);

/** True if the tool can ask for the permission (opencode.md, "Asking or running"). */
function permits({ permission }: LogAsk, { tool }: ToolCall): boolean {
  if (permission === undefined || permission === 'external_directory' || permission === 'doom_loop')
    return true;
  return (toolsByPermission.get(permission) ?? [permission]).includes(tool);
}

/**
 * True if a pattern names the call's subject: a part of the command, or the file's path. Patterns hold paths from the
 * project's root (`/` outside of git), while the call's path may be relative or absolute.
 */
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
 * True if a shell child started after `sinceMs`: a call has a child only while it runs, not while it asks (opencode.md,
 * "Child processes"). MCP servers are children too, but older and with another command.
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

/**
 * True if a child of opencode 2's service seems to run the command of an open shell call: it began after the call, and the
 * words of one contain those of the other, without the shell around them.
 */
export function isChildOf({ startedAtMs, command }: ChildProcess, call: ToolCall): boolean {
  if (!shells.includes(call.tool) || call.subject === undefined) return false;
  const began = startedAtMs ?? Infinity;
  if (began < (call.startedAtMs ?? 0) - startTimeSlackMs) return false;
  const wanted = words(call.subject);
  const found = words(command.replace(/^\S*sh\s+(-\w+\s+)+/, ''));
  const isWithin = (one: readonly string[], other: readonly string[]) =>
    one.length > 0 && one.every((word) => other.includes(word));
  return isWithin(found, wanted) || isWithin(wanted, found);
}

function words(line: string): string[] {
  return line.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1);
}

/** Development builds have version 0.0.0-… and are newer than any release. */
function isAtLeast(version: string, minVersion: readonly [number, number, number]): boolean {
  if (version.startsWith('0.0.0-')) return true;
  const parts = version.split(/[.-]/, 3).map(Number);
  for (const [index, wanted] of minVersion.entries()) {
    const part = parts[index] ?? Number.NaN;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
