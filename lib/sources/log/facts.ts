import type { LogAsk, LogFacts, LogSession, LogStream } from '../../domain/evidence/log-facts.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { idTimeMs } from '../../domain/session/session-id.ts';
import type { LogEvent } from './log-event.ts';
import type { PlacedEvent, RunEvents } from './run-events.ts';

/** What the lines of one run say, before it is known whose run it is. */
export type RunFacts = Omit<LogFacts, 'pid' | 'run' | 'exact' | 'complete' | 'sharedWith'>;

/** Draws the facts from a run's events, or from some of them: in the order of the file. */
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

/** One process's two logs (up to 1.15 a TUI's main thread and its worker each write one) told as one. */
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
 * A later step of a turn counts as its prompt only where the prompt's own line was not read: otherwise a session
 * that works in the background would seem newer than one prompted since.
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
    const how = howOf(event, prompted);
    if (how === undefined || !('sessionId' in event) || event.sessionId === undefined) continue;
    const parentId = parents.get(event.sessionId);
    const session = { sessionId: event.sessionId, atMs, how };
    sessions.push(parentId === undefined ? session : { ...session, parentId });
  }
  return sessions;
}

function howOf(event: LogEvent, prompted: ReadonlySet<string>): LogSession['how'] | undefined {
  if (event.kind === 'created' || event.kind === 'opened') return event.kind;
  if (event.kind !== 'loop') return undefined;
  return event.step === 0 || !prompted.has(event.sessionId) ? 'prompted' : undefined;
}

function asksOf(placed: readonly PlacedEvent[]): LogAsk[] {
  const asks = new Map<string, LogAsk>();
  /** A reply that named its ask, in a line just before the one that every reply writes (1.14 and older). */
  let namedReply = false;
  for (const { event, atMs } of placed) {
    if (event.kind === 'ask') asks.set(event.id, askOf(event, atMs));
    if (event.kind !== 'replied') continue;
    const id = event.id ?? (namedReply ? undefined : onlyOpenPermission(asks));
    namedReply = event.id?.startsWith('per_') === true;
    const ask = id === undefined ? undefined : asks.get(id);
    if (ask !== undefined) asks.set(ask.id, { ...ask, repliedAtMs: atMs });
  }
  return [...asks.values()];
}

function askOf(event: LogEvent & { kind: 'ask' }, atMs: number): LogAsk {
  return omitUndefined({
    id: event.id,
    kind: event.asks,
    permission: event.permission,
    patterns: event.patterns,
    atMs: askedAtMs(event.id, atMs),
  });
}

/** Lines up to 1.15 have whole seconds only; the ask's id has its milliseconds. */
function askedAtMs(id: string, lineAtMs: number): number {
  const inIdMs = idTimeMs(id, lineAtMs);
  return inIdMs !== undefined && Math.abs(inIdMs - lineAtMs) < 5_000 ? inIdMs : lineAtMs;
}

/** 1.15 says that something was answered, not what: with two open asks that says nothing certain. */
function onlyOpenPermission(asks: ReadonlyMap<string, LogAsk>): string | undefined {
  const open = [...asks.values()].filter((ask) => ask.kind === 'permission' && ask.repliedAtMs === undefined);
  return open.length === 1 ? open[0]?.id : undefined;
}

function streamsOf(placed: readonly PlacedEvent[]): LogStream[] {
  const streams = new Map<string, LogStream>();
  const fresh = new Set<string>();
  let anyFresh = false;
  for (const { event, atMs } of placed) {
    if (event.kind === 'step') {
      if (event.sessionId === undefined) anyFresh = true;
      else fresh.add(event.sessionId);
    } else if (event.kind === 'stream') {
      const before = streams.get(event.sessionId);
      const isFirst = before === undefined || anyFresh || fresh.has(event.sessionId);
      streams.delete(event.sessionId);
      streams.set(event.sessionId, streamOf(event, atMs, isFirst ? undefined : before));
      fresh.delete(event.sessionId);
      anyFresh = false;
    } else if (event.kind === 'failed') {
      const before = streams.get(event.sessionId) ?? { sessionId: event.sessionId, atMs, attempts: 0 };
      streams.set(event.sessionId, { ...before, errorText: event.text, errorAtMs: atMs });
    }
  }
  return [...streams.values()];
}

/** A retry keeps the error that made it necessary; a new step starts clean. */
function streamOf(event: LogEvent & { kind: 'stream' }, atMs: number, before?: LogStream): LogStream {
  return omitUndefined({
    sessionId: event.sessionId,
    atMs,
    agent: event.agent,
    attempts: (before?.attempts ?? 0) + 1,
    errorText: before?.errorText,
    errorAtMs: before?.errorAtMs,
  });
}
