import { isServer, type OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { Evidence } from '../match.ts';
import { logTime, piece } from '../piece.ts';
import { isAtWork, type Scene } from '../scene.ts';
import { lastActiveAtMs } from './activity.ts';
import type { LogRunners } from './log.ts';

/** A server hosts a session for this long after its last activity; the Board shows only those of interest. */
const hostedAfterTurnMs = 24 * 3_600_000;

/** True for a session that its server still hosts: it works, or was active within a day. */
export function isStillHosted(scene: Scene, session: Session): boolean {
  return isAtWork(session) || scene.nowMs - lastActiveAtMs(session) < hostedAfterTurnMs;
}

/**
 * Evidence from the log for the sessions that this process prompted and no other process prompted later. For a server
 * these are its hosted sessions; for a TUI the sessions that still work, also after the user switched to another one.
 */
export function promptedEvidence(scene: Scene, process: OpencodeProcess, runners: LogRunners): Evidence[] {
  const facts = scene.log.get(process.pid);
  if (facts === undefined) return [];
  const isRelevant = (session: Session | undefined) =>
    session !== undefined && (isServer(process) ? isStillHosted(scene, session) : isAtWork(session));
  const prompted = new Map<string, number>();
  for (const { sessionId, how, atMs } of facts.sessions) {
    const root = scene.rootOf(sessionId);
    if (how !== 'opened' && isRelevant(scene.sessions.get(root))) prompted.set(root, atMs);
  }
  return [...prompted].flatMap(([sessionId, atMs]) => {
    const other = runners.runnerOf.get(sessionId);
    if (other !== undefined && other.pid !== process.pid && other.atMs > atMs) return [];
    const confidence = facts.exact ? 'certain' : 'likely';
    const why = `log ${facts.run} prompted it at ${logTime(atMs)}`;
    return [piece('log', process.pid, sessionId, { confidence, strength: 0.9, atMs, why })];
  });
}
