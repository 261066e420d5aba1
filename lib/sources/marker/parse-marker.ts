import type { MarkedSession, Marker } from '../../domain/evidence/marker.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import { markerSchema, markerVersion } from '../../domain/schema/marker.ts';
import type { ReportedAsk, ReportedStatus } from '../../domain/session/reported-status.ts';
import { asNumber, parseObject } from '../json.ts';
import { type Reading, readJson } from '../read-json.ts';

type StoredSession = NonNullable<Reading<typeof markerSchema>['sessions']>[number];

/** A marker, or the reason why the text contains none. */
export type ParsedMarker =
  | { readonly kind: 'marker'; readonly marker: Marker }
  /** The plugin of another otop wrote it, in a format version that this one cannot read. */
  | { readonly kind: 'other version' }
  | { readonly kind: 'broken' };

/**
 * Parses the text of a marker file. The texts in it come from opencode and from models, and any program of the user can
 * write the file. So each field is checked, each text is sanitised and invalid fields are left out. Never throws.
 */
export function parseMarker(text: string): ParsedMarker {
  const stored = parseObject(text);
  const version = asNumber(stored?.otopMarker);
  if (stored === undefined || version === undefined) return { kind: 'broken' };
  if (version !== markerVersion) return { kind: 'other version' };
  const {
    pid,
    loadedAtMs,
    writtenAtMs,
    sessions = [],
    host,
    startTicks,
    opencode,
  } = readJson(markerSchema, stored) ?? {};
  if (pid === undefined || loadedAtMs === undefined || writtenAtMs === undefined) return { kind: 'broken' };
  const marker = omitUndefined({
    pid,
    loadedAtMs,
    writtenAtMs,
    sessions: sessions.flatMap(sessionOf),
    host,
    startTicks,
    version: opencode,
  });
  return { kind: 'marker', marker };
}

function sessionOf({
  id,
  atMs,
  parentId,
  turnAtMs,
  asks = [],
  activity,
  error,
}: StoredSession): MarkedSession[] {
  if (id === undefined || atMs === undefined) return [];
  const status = omitUndefined({
    source: 'marker' as const,
    sessionId: id,
    atMs,
    asks: asks.flatMap(askOf),
    activity: activityOf(activity),
    error: errorOf(error),
  });
  return [omitUndefined({ id, status, parentId: parentId === id ? undefined : parentId, turnAtMs })];
}

function activityOf(stored: StoredSession['activity']): ReportedStatus['activity'] {
  if (stored?.kind !== 'retry') return stored?.kind && { kind: stored.kind };
  const { kind, attempt, message, nextMs } = stored;
  return attempt === undefined ? undefined : omitUndefined({ kind, attempt, message, nextMs });
}

function askOf({
  id,
  kind,
  patterns = [],
  tool,
  askedAtMs,
}: NonNullable<StoredSession['asks']>[number]): ReportedAsk[] {
  if (id === undefined || kind === undefined) return [];
  return [omitUndefined({ id, kind, patterns, tool, askedAtMs })];
}

function errorOf({ name, atMs, message }: StoredSession['error'] = {}): ReportedStatus['error'] {
  return name === undefined || atMs === undefined ? undefined : omitUndefined({ name, atMs, message });
}
