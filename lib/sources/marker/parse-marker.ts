import type { MarkedSession, Marker } from '../../domain/evidence/marker.ts';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { LiveAsk, LiveStatus } from '../../domain/session/live-status.ts';
import {
  asArray,
  asCount,
  asDisplay,
  asNumber,
  asObject,
  asObjects,
  asSessionId,
  asText,
  asTime,
  type JsonObject,
  parseObject,
} from '../json.ts';

/** The format version that `lib/plugin/otop.js` of this otop writes. */
const formatVersion = 1;
/** The plugin writes at most 64 sessions; a file with more was written by something else. */
const maxSessions = 200;
const maxAsks = 50;
const maxPatterns = 10;

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
  if (version !== formatVersion) return { kind: 'other version' };
  const pid = asCount(stored.pid);
  const loadedAtMs = asTime(stored.loadedAtMs);
  const writtenAtMs = asTime(stored.writtenAtMs);
  if (pid === undefined || loadedAtMs === undefined || writtenAtMs === undefined) return { kind: 'broken' };
  const marker = omitUndefined({
    pid,
    loadedAtMs,
    writtenAtMs,
    sessions: asObjects(stored.sessions).slice(0, maxSessions).flatMap(sessionOf),
    host: asText(stored.host),
    startTicks: asCount(stored.startTicks),
    version: asDisplay(stored.opencode),
  });
  return { kind: 'marker', marker };
}

function sessionOf(stored: JsonObject): MarkedSession[] {
  const id = asSessionId(stored.id);
  const atMs = asTime(stored.atMs);
  if (id === undefined || atMs === undefined) return [];
  const parentId = asSessionId(stored.parentId);
  const status = omitUndefined({
    source: 'marker' as const,
    sessionId: id,
    atMs,
    asks: asObjects(stored.asks).slice(0, maxAsks).flatMap(askOf),
    activity: activityOf(asObject(stored.activity)),
    error: errorOf(asObject(stored.error)),
  });
  return [
    omitUndefined({
      id,
      status,
      parentId: parentId === id ? undefined : parentId,
      turnAtMs: asTime(stored.turnAtMs),
    }),
  ];
}

function activityOf(stored: JsonObject | undefined): LiveStatus['activity'] {
  const kind = stored?.kind;
  if (kind === 'busy' || kind === 'idle') return { kind };
  const attempt = asCount(stored?.attempt);
  if (kind !== 'retry' || attempt === undefined) return undefined;
  const [message, nextMs] = [asDisplay(stored?.message), asTime(stored?.nextMs)];
  return omitUndefined({ kind: 'retry', attempt, message, nextMs });
}

function askOf(stored: JsonObject): LiveAsk[] {
  const id = asSessionId(stored.id);
  const { kind } = stored;
  if (id === undefined || (kind !== 'permission' && kind !== 'question')) return [];
  const patterns = asArray(stored.patterns).slice(0, maxPatterns);
  return [
    omitUndefined({
      id,
      kind,
      patterns: patterns.flatMap((one) => asDisplay(one) ?? []),
      tool: asDisplay(stored.tool),
      askedAtMs: asTime(stored.askedAtMs),
    }),
  ];
}

function errorOf(stored: JsonObject | undefined): LiveStatus['error'] {
  const name = asDisplay(stored?.name);
  const atMs = asTime(stored?.atMs);
  if (name === undefined || atMs === undefined) return undefined;
  return omitUndefined({ name, atMs, message: asDisplay(stored?.message) });
}
