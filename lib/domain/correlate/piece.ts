import { sanitize } from '../../text/sanitize.ts';
import type { Confidence, Evidence, EvidenceKind } from '../match.ts';

/** Makes a piece of evidence; `why` may hold anything, it is made printable. */
export function piece(
  kind: EvidenceKind,
  pid: number,
  sessionId: string,
  rest: { confidence: Confidence; strength: number; why: string; atMs?: number | undefined },
): Evidence {
  const { confidence, strength, why, atMs } = rest;
  return {
    kind,
    pid,
    sessionId,
    confidence,
    strength,
    why: sanitize(why, 200),
    ...(atMs === undefined ? {} : { atMs }),
  };
}

/** Time of day in UTC with milliseconds, as the logs have it. */
export function clockTime(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().slice(11, 23) : '?';
}
