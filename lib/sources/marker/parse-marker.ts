import type { LiveAsk, LiveStatus } from '../../domain/live-status.ts';
import type { MarkedSession, Marker } from '../../domain/marker.ts';
import { asDisplay, asSessionId } from '../snapshot/json-fields.ts';

/** The format that `lib/plugin/otop.js` of this otop writes. */
const formatVersion = 1;
/** The plugin keeps 64 sessions; a file that holds more was not made by it. */
const maxSessions = 200;
const maxAsks = 50;
const maxPatterns = 10;

/** A marker, or why there is none in the text. */
export type ParsedMarker =
  | { readonly kind: 'marker'; readonly marker: Marker }
  /** Of another otop: its plugin and this reader do not know one another's format. */
  | { readonly kind: 'other version' }
  | { readonly kind: 'broken' };

/**
 * Reads a marker file's text. The file is otop's own, but what stands in it came out of opencode and models, and anyone
 * with the person's rights may have written it: each field is checked, each text sanitised, and what is not understood
 * is left out. Never throws.
 */
export function parseMarker(text: string): ParsedMarker {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return { kind: 'broken' };
  }
  const version = field(stored, 'otopMarker');
  if (typeof version !== 'number') return { kind: 'broken' };
  if (version !== formatVersion) return { kind: 'other version' };
  const pid = count(field(stored, 'pid'));
  const loadedAtMs = time(field(stored, 'loadedAtMs'));
  const writtenAtMs = time(field(stored, 'writtenAtMs'));
  if (pid === undefined || loadedAtMs === undefined || writtenAtMs === undefined) return { kind: 'broken' };
  const startTicks = count(field(stored, 'startTicks'));
  const opencode = asDisplay(field(stored, 'opencode'));
  const host = field(stored, 'host');
  const sessions = list(field(stored, 'sessions'), maxSessions).flatMap((one) => session(one) ?? []);
  const marker = {
    pid,
    loadedAtMs,
    writtenAtMs,
    sessions,
    ...(typeof host === 'string' && { host }),
    ...(startTicks !== undefined && { startTicks }),
    ...(opencode !== undefined && { version: opencode }),
  };
  return { kind: 'marker', marker };
}

function session(stored: unknown): MarkedSession | undefined {
  const id = asSessionId(field(stored, 'id'));
  const atMs = time(field(stored, 'atMs'));
  if (id === undefined || atMs === undefined) return undefined;
  const parentId = asSessionId(field(stored, 'parentId'));
  const turnAtMs = time(field(stored, 'turnAtMs'));
  const activity = activityOf(field(stored, 'activity'));
  const error = errorOf(field(stored, 'error'));
  const status: LiveStatus = {
    source: 'marker',
    sessionId: id,
    atMs,
    asks: list(field(stored, 'asks'), maxAsks).flatMap((one) => ask(one) ?? []),
    ...(activity !== undefined && { activity }),
    ...(error !== undefined && { error }),
  };
  return {
    id,
    status,
    ...(parentId !== undefined && parentId !== id && { parentId }),
    ...(turnAtMs !== undefined && { turnAtMs }),
  };
}

function activityOf(stored: unknown): LiveStatus['activity'] {
  const kind = field(stored, 'kind');
  if (kind === 'busy' || kind === 'idle') return { kind };
  const attempt = count(field(stored, 'attempt'));
  if (kind !== 'retry' || attempt === undefined) return undefined;
  const message = asDisplay(field(stored, 'message'));
  const nextMs = time(field(stored, 'nextMs'));
  return {
    kind,
    attempt,
    ...(message !== undefined && { message }),
    ...(nextMs !== undefined && { nextMs }),
  };
}

function ask(stored: unknown): LiveAsk | undefined {
  const id = asSessionId(field(stored, 'id'));
  const kind = field(stored, 'kind');
  if (id === undefined || (kind !== 'permission' && kind !== 'question')) return undefined;
  const tool = asDisplay(field(stored, 'tool'));
  const askedAtMs = time(field(stored, 'askedAtMs'));
  const patterns = list(field(stored, 'patterns'), maxPatterns).flatMap((one) => asDisplay(one) ?? []);
  return {
    id,
    kind,
    patterns,
    ...(tool !== undefined && { tool }),
    ...(askedAtMs !== undefined && { askedAtMs }),
  };
}

function errorOf(stored: unknown): LiveStatus['error'] {
  const name = asDisplay(field(stored, 'name'));
  const atMs = time(field(stored, 'atMs'));
  if (name === undefined || atMs === undefined) return undefined;
  const message = asDisplay(field(stored, 'message'));
  return { name, atMs, ...(message !== undefined && { message }) };
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function list(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

function time(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < 8.64e15 ? value : undefined;
}
