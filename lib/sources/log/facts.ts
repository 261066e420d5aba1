import type { LogAsk, LogFacts, LogSession, LogStream } from '../../domain/evidence/log-facts.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { idTimeMs } from '../../domain/session/session-id.ts';
import type { LogEvent } from './log-event.ts';
import type { PlacedEvent, RunEvents } from './run-events.ts';

/** The facts of one run, before its process is known. */
export type RunFacts = Omit<LogFacts, 'pid' | 'run' | 'exact' | 'complete' | 'sharedWith'>;

/** Derives facts from the events of a run, or from a part of them. `placed` must be in the order of the file. */
export function factsOf(
  placed: readonly PlacedEvent[],
  { lastLineAtMs }: Pick<RunEvents, 'lastLineAtMs'>,
): RunFacts {
  const loopEndedAtMs = new Map<string, number>();
  for (const { event, atMs } of placed) if (event.kind === 'ended') loopEndedAtMs.set(event.sessionId, atMs);
  return {
    sessions: sessionsOf(placed),
    asks: asksOf(placed),
    streams: streamsOf(placed),
    loopEndedAtMs,
    ...(lastLineAtMs === undefined ? {} : { lastLineAtMs }),
  };
}

/** Merges the facts of two logs of one process: up to 1.15 the main thread and the worker of a TUI write one each. */
export function mergeFacts(first: RunFacts, second: RunFacts): RunFacts {
  const lastLineAtMs = Math.max(first.lastLineAtMs ?? 0, second.lastLineAtMs ?? 0);
  return {
    sessions: byTime([...first.sessions, ...second.sessions]),
    asks: byTime([...first.asks, ...second.asks]),
    streams: byTime([...first.streams, ...second.streams]),
    loopEndedAtMs: new Map([...first.loopEndedAtMs, ...second.loopEndedAtMs]),
    ...(lastLineAtMs === 0 ? {} : { lastLineAtMs }),
  };
}

function byTime<T extends { readonly atMs: number }>(list: readonly T[]): T[] {
  return list.toSorted((left, right) => left.atMs - right.atMs);
}

/**
 * A later step counts as a prompt only if the line of the prompt itself was not read. Otherwise a session that works in
 * the background would seem newer than a session that was prompted later.
 */
function sessionsOf(placed: readonly PlacedEvent[]): LogSession[] {
  const parents = new Map<string, string>();
  const prompted = new Set<string>();
  for (const { event } of placed) {
    if (event.kind === 'created' && event.parentId !== undefined)
      parents.set(event.sessionId, event.parentId);
    if (event.kind === 'loop' && event.step === 0) prompted.add(event.sessionId);
  }
  const sessions: LogSession[] = [];
  for (const { event, atMs } of placed) {
    const how = howNamed(event, prompted);
    if (how === undefined || !('sessionId' in event) || event.sessionId === undefined) continue;
    const parentId = parents.get(event.sessionId);
    const session = { sessionId: event.sessionId, atMs, how };
    sessions.push(parentId === undefined ? session : { ...session, parentId });
  }
  return sessions;
}

function howNamed(event: LogEvent, prompted: ReadonlySet<string>): LogSession['how'] | undefined {
  if (event.kind === 'created' || event.kind === 'opened') return event.kind;
  if (event.kind !== 'loop') return undefined;
  return event.step === 0 || !prompted.has(event.sessionId) ? 'prompted' : undefined;
}

function asksOf(placed: readonly PlacedEvent[]): LogAsk[] {
  const asks = new Map<string, LogAsk>();
  /** 1.14 and older write two lines for a reply: the first may name its ask, the second has no id. */
  let wasReplyNamed = false;
  for (const { event, atMs } of placed) {
    if (event.kind === 'ask') asks.set(event.id, askOf(event, atMs));
    if (event.kind !== 'replied') continue;
    const id = event.id ?? (wasReplyNamed ? undefined : onlyOpenPermission(asks));
    wasReplyNamed = event.id?.startsWith('per_') === true;
    const ask = id === undefined ? undefined : asks.get(id);
    if (ask !== undefined) asks.set(ask.id, { ...ask, repliedAtMs: atMs });
  }
  return [...asks.values()];
}

function askOf(event: LogEvent & { kind: 'ask' }, atMs: number): LogAsk {
  return omitUndefined({
    id: event.id,
    kind: event.askKind,
    permission: event.permission,
    patterns: event.patterns,
    atMs: askedAtMs(event.id, atMs),
  });
}

/** Lines up to 1.15 have whole seconds only; the id of the ask contains the milliseconds. */
function askedAtMs(id: string, lineAtMs: number): number {
  const idAtMs = idTimeMs(id, lineAtMs);
  return idAtMs !== undefined && Math.abs(idAtMs - lineAtMs) < 5_000 ? idAtMs : lineAtMs;
}

/** A reply line of 1.15 names no ask, so it is certain only while exactly one permission is open. */
function onlyOpenPermission(asks: ReadonlyMap<string, LogAsk>): string | undefined {
  const open = [...asks.values()].filter((ask) => ask.kind === 'permission' && ask.repliedAtMs === undefined);
  return open.length === 1 ? open[0]?.id : undefined;
}

function streamsOf(placed: readonly PlacedEvent[]): LogStream[] {
  const streams = new Map<string, LogStream>();
  const sessionsWithNewStep = new Set<string>();
  let hasUnnamedStep = false;
  for (const { event, atMs } of placed) {
    if (event.kind === 'step') {
      if (event.sessionId === undefined) hasUnnamedStep = true;
      else sessionsWithNewStep.add(event.sessionId);
    } else if (event.kind === 'stream') {
      const previous = streams.get(event.sessionId);
      const isFirst = previous === undefined || hasUnnamedStep || sessionsWithNewStep.has(event.sessionId);
      streams.delete(event.sessionId);
      streams.set(event.sessionId, streamOf(event, atMs, isFirst ? undefined : previous));
      sessionsWithNewStep.delete(event.sessionId);
      hasUnnamedStep = false;
    } else if (event.kind === 'failed') {
      const previous = streams.get(event.sessionId) ?? { sessionId: event.sessionId, atMs, attempts: 0 };
      streams.set(event.sessionId, { ...previous, errorText: event.text, errorAtMs: atMs });
    }
  }
  return [...streams.values()];
}

/** A retry (`previous` is given) keeps the error of the attempt before; a new step starts without one. */
function streamOf(event: LogEvent & { kind: 'stream' }, atMs: number, previous?: LogStream): LogStream {
  return omitUndefined({
    sessionId: event.sessionId,
    atMs,
    agent: event.agent,
    attempts: (previous?.attempts ?? 0) + 1,
    errorText: previous?.errorText,
    errorAtMs: previous?.errorAtMs,
  });
}
