import { type DisplayText, sanitize } from '../../../text/sanitize.ts';
import type { OpencodeProcess } from '../../process/process.ts';
import type { Scene } from '../scene.ts';

/**
 * The processes that show no session, with the reason, by pid. Either the terminal title shows the home screen, or the
 * complete log names no session and the arguments resume none. Such a process gets no guess.
 */
export function freshProcesses(scene: Scene): Map<number, DisplayText> {
  const fresh = new Map<number, DisplayText>();
  for (const process of scene.processes) {
    if (process.kind !== 'tui' && process.kind !== 'run') continue;
    const reason = freshReason(scene, process);
    if (reason !== undefined) fresh.set(process.pid, sanitize(reason));
  }
  return fresh;
}

function freshReason(scene: Scene, process: OpencodeProcess): string | undefined {
  const facts = scene.log.get(process.pid);
  const shown = scene.shownBy(process);
  const { sessionId, continues, forks } = scene.argumentsOf(process);
  const resumes = (sessionId !== undefined || continues) && !forks;
  const hasLog = facts?.exact === true && facts.sessions.length > 0;
  if (shown.kind === 'home' && !resumes && !hasLog)
    return "its terminal title is 'OpenCode': the home screen";
  if (shown.kind === 'home' && hasLog) return "its terminal title is 'OpenCode': it left its last session";
  if (resumes || shown.kind === 'session') return undefined;
  if (facts?.exact === true && facts.complete === true && facts.sessions.length === 0) {
    return `every line of its log (${facts.run}) was read: no session was made or prompted yet`;
  }
  return undefined;
}
