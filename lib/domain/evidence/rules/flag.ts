import type { OpencodeProcess } from '../../process/process.ts';
import type { Evidence } from '../match.ts';
import { piece } from '../piece.ts';
import type { Scene } from '../scene.ts';

/** Evidence from `-s ID`, which resumes a session: for it, or against it with `--fork` or a newer session in the log. */
export function flagEvidence(scene: Scene, process: OpencodeProcess): Evidence[] {
  const { sessionId: named, forks } = scene.argumentsOf(process);
  if (named === undefined) return [];
  const { pid } = process;
  const sessionId = scene.rootOf(named);
  const said = `started with -s ${named}`;
  if (forks) {
    const why = `${said} --fork: that one was copied, not resumed`;
    return [piece('flag', pid, sessionId, { confidence: 'guess', strength: -0.5, why })];
  }
  const newest = scene.rootsNamedBy(process).at(-1);
  if (newest !== undefined && newest.sessionId !== sessionId) {
    const why = `${said}, but its log names ${newest.sessionId} since`;
    return [piece('flag', pid, sessionId, { confidence: 'guess', strength: -0.5, atMs: newest.atMs, why })];
  }
  // A TUI can switch to another session without a log line; `opencode run` cannot.
  const confidence = process.kind === 'run' ? 'certain' : 'likely';
  return [piece('flag', pid, sessionId, { confidence, strength: 0.8, atMs: process.startedAtMs, why: said })];
}
