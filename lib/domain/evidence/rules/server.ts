import { isServer, type OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { Evidence } from '../match.ts';
import { clockTime, piece } from '../piece.ts';
import { isAtWork, type Scene } from '../scene.ts';
import { lastActiveAtMs } from './activity.ts';
import type { LogRunners } from './log.ts';

/** A server is believed to host a session this long after its last sign of life; the Board shows which still matter. */
const keptAfterTurnMs = 24 * 3_600_000;

/** True for a session worth a match with its server: at work, or not long over. */
export function isStillHosted(scene: Scene, session: Session): boolean {
  return isAtWork(session) || scene.nowMs - lastActiveAtMs(session) < keptAfterTurnMs;
}

/**
 * What the log of a process says of sessions beside the one it shows: those it prompted last of all processes. For a
 * server these are the sessions it hosts; for a TUI, the ones that work on after the user switched away.
 */
export function hostedEvidence(scene: Scene, process: OpencodeProcess, runners: LogRunners): Evidence[] {
  const facts = scene.log.get(process.pid);
  if (facts === undefined) return [];
  const matters = (session: Session | undefined) =>
    session !== undefined && (isServer(process) ? isStillHosted(scene, session) : isAtWork(session));
  const prompted = new Map<string, number>();
  for (const { sessionId, how, atMs } of facts.sessions) {
    const root = scene.rootOf(sessionId);
    if (how !== 'opened' && matters(scene.sessions.get(root))) prompted.set(root, atMs);
  }
  return [...prompted].flatMap(([sessionId, atMs]) => {
    const other = runners.runnerOf.get(sessionId);
    if (other !== undefined && other.pid !== process.pid && other.atMs > atMs) return [];
    const confidence = facts.exact ? 'certain' : 'likely';
    const why = `log ${facts.run} prompted it at ${clockTime(atMs)}`;
    return [piece('log', process.pid, sessionId, { confidence, strength: 0.9, atMs, why })];
  });
}
