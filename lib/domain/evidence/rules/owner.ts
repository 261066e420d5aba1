import type { OpencodeProcess } from '../../process/process.ts';
import { isService } from '../../process/viewers.ts';
import { isOfTwo } from '../../session/session.ts';
import type { Evidence } from '../match.ts';
import { piece } from '../piece.ts';
import { isAtWork, type Scene } from '../scene.ts';

/**
 * Evidence for a service of opencode 2 and the sessions of its database: it alone runs all of them (opencode-2.md, "Service
 * and clients"). Its API says the same of sessions at work, with more weight, and so does a `--standalone` TUI of the session
 * that it shows: its private server runs that one.
 */
export function ownerEvidence(scene: Scene, process: OpencodeProcess): Evidence[] {
  const shownId = scene.shownByTui.get(process.pid);
  if (shownId !== undefined) {
    const why = 'the TUI that started this server shows it';
    return [piece('server', process.pid, shownId, { confidence: 'likely', strength: 0.7, why })];
  }
  if (!isService(process)) return [];
  const databases = new Set(process.databases);
  return [...scene.sessions.values()].flatMap((session) => {
    const { id, parentId, databasePath } = session;
    if (parentId !== undefined || !databases.has(databasePath) || !isOfTwo(session)) return [];
    const strength = isAtWork(session) ? 0.6 : 0.5;
    const why = 'the service runs every session of its database';
    return [piece('server', process.pid, id, { confidence: 'likely', strength, why })];
  });
}
