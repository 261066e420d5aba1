import type { Evidence } from '../match.ts';
import type { Scene } from './scene.ts';

/** The ready-made pieces (of otop's plugin, of servers' APIs) of one process, a subagent's turned to its root. */
export function readyEvidence(scene: Scene, pid: number): Evidence[] {
  return scene.extraEvidence
    .filter((evidence) => evidence.pid === pid)
    .map((evidence) => ({ ...evidence, sessionId: scene.rootOf(evidence.sessionId) }));
}
