import type { OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { Evidence } from '../match.ts';
import { piece } from '../piece.ts';
import type { Scene } from '../scene.ts';

/** opencode selects the session to continue within this time after its start. */
const selectsWithinMs = 4_000;

/** Evidence from `-c`, which resumes the directory's last updated session at the start of the process. */
export function continueEvidence(scene: Scene, process: OpencodeProcess): Evidence[] {
  const { continues, forks } = scene.argumentsOf(process);
  const { pid, cwd, startedAtMs } = process;
  if (!continues || forks || cwd === undefined || startedAtMs === undefined) return [];
  if (scene.rootsNamedBy(process).length > 0) return [];
  const chosenAtMs = startedAtMs + selectsWithinMs;
  const existed = scene.rootsIn(cwd).filter((session) => (session.createdAtMs ?? 0) <= chosenAtMs);
  const untouched = existed.find((session) => (session.updatedAtMs ?? 0) <= chosenAtMs);
  // A session that was updated later may also have been the last one then: its earlier update time is overwritten.
  const updatedSince = existed.filter((session) => (session.updatedAtMs ?? 0) > chosenAtMs);
  const pieces = updatedSince.map((session) => continued(pid, session, 'guess', 0.4));
  if (untouched !== undefined) {
    pieces.push(continued(pid, untouched, updatedSince.length === 0 ? 'likely' : 'guess', 0.6));
  }
  return pieces;
}

function continued(
  pid: number,
  session: Session,
  confidence: 'likely' | 'guess',
  strength: number,
): Evidence {
  const why =
    confidence === 'likely'
      ? "started with -c, and this was the directory's last updated session then"
      : "started with -c, and this may have been the directory's last updated session then";
  return piece('continue', pid, session.id, { confidence, strength, atMs: session.updatedAtMs, why });
}
