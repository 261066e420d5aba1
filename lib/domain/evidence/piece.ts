import { sanitize } from '../../text/sanitize.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Confidence, Evidence, EvidenceKind } from './match.ts';

/** Creates a piece of evidence; sanitises `why`. */
export function piece(
  kind: EvidenceKind,
  pid: number,
  sessionId: string,
  rest: { confidence: Confidence; strength: number; why: string; atMs?: number | undefined },
): Evidence {
  const { confidence, strength, why, atMs } = rest;
  return omitUndefined({ kind, pid, sessionId, confidence, strength, why: sanitize(why, 200), atMs });
}

const dayMs = 86_400_000;

/** The UTC time of day with milliseconds, as in the logs; `?` if invalid. Without `Date`, since a poll needs thousands. */
export function logTime(ms: number): string {
  if (!Number.isFinite(ms) || Math.abs(ms) >= 8.64e15) return '?';
  const ofDayMs = ((Math.trunc(ms) % dayMs) + dayMs) % dayMs;
  const [hours, minutes] = [Math.floor(ofDayMs / 3_600_000), Math.floor(ofDayMs / 60_000) % 60];
  const [seconds, rest] = [Math.floor(ofDayMs / 1000) % 60, ofDayMs % 1000];
  return `${two(hours)}:${two(minutes)}:${two(seconds)}.${`${rest}`.padStart(3, '0')}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}
