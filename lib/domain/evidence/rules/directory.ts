import { isServer, type OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { Evidence } from '../match.ts';
import { piece } from '../piece.ts';
import { isAtWork, type Scene } from '../scene.ts';
import { lastActiveAtMs } from './activity.ts';
import { titleVerdict } from './title.ts';

/** How many sessions of one directory are worth guessing at. */
const guessesPerDirectory = 8;
/** Clocks of the process table and of the database differ by less. */
const startSlackMs = 2_000;

/**
 * The most recently updated sessions of a process's directory that nobody else has: always a guess. A process that
 * was started without `-s` and `-c` began with no session, so what was last updated before it started is not its own.
 */
export function directoryEvidence(
  scene: Scene,
  process: OpencodeProcess,
  isFree: (id: string) => boolean,
): Evidence[] {
  const { cwd, pid } = process;
  if (cwd === undefined) return [];
  if (isServer(process)) return atWorkIn(scene, process, cwd, isFree);
  const { continues, forks, sessionId } = scene.argumentsOf(process);
  // Resumed, it has that session or one it switched to: no reason to think of the last updated one.
  if ((continues || sessionId !== undefined) && !forks) return [];
  const earliestMs = (process.startedAtMs ?? 0) - startSlackMs;
  const possible: Session[] = [];
  for (const session of scene.rootsIn(cwd)) {
    if (possible.length === guessesPerDirectory) break;
    if (!isFree(session.id) || lastActiveAtMs(session) < earliestMs || !isOfItsKind(process, session))
      continue;
    if (titleVerdict(scene, process, session.id) !== 'contradicts') possible.push(session);
  }
  return possible.map((session, rank) =>
    piece('directory', pid, session.id, {
      confidence: 'guess',
      strength: 0.4 - rank / 100,
      atMs: session.updatedAtMs,
      why: `same directory, ${rank === 0 ? 'the last' : `number ${rank + 1}`} updated of those nobody has`,
    }),
  );
}

/** A server whose log says nothing may run whatever is at work in its directory. */
function atWorkIn(
  scene: Scene,
  process: OpencodeProcess,
  cwd: string,
  isFree: (id: string) => boolean,
): Evidence[] {
  return scene
    .rootsIn(cwd)
    .filter((session) => isFree(session.id) && isAtWork(session))
    .slice(0, guessesPerDirectory)
    .map((session) =>
      piece('directory', process.pid, session.id, {
        confidence: 'guess',
        strength: 0.2,
        atMs: session.updatedAtMs,
        why: "at work in the server's directory, and no other process has it",
      }),
    );
}

/** `opencode run` denies its sessions the question tool: such a session is no TUI's, and the other way round. */
function isOfItsKind(process: OpencodeProcess, session: Session): boolean {
  return session.interactive === (process.kind !== 'run');
}
