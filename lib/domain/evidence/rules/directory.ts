import { isServer, type OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { Evidence } from '../match.ts';
import { piece } from '../piece.ts';
import { isAtWork, type Scene } from '../scene.ts';
import { lastActiveAtMs } from './activity.ts';
import { titleVerdict } from './title.ts';

/** The maximum number of guesses for one directory. */
const maxGuesses = 8;
/** The clocks of the process table and of the database differ by less than this. */
const startSlackMs = 2_000;

/**
 * Guesses for the most recently updated free sessions of a process's directory. A process without `-s` and `-c` starts
 * without a session, so a session that was last updated before the start is excluded.
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
  // A resumed process has the named session or switched to another: the last updated one is not more likely.
  if ((continues || sessionId !== undefined) && !forks) return [];
  const earliestMs = (process.startedAtMs ?? 0) - startSlackMs;
  const possible: Session[] = [];
  for (const session of scene.rootsIn(cwd)) {
    if (possible.length === maxGuesses) break;
    if (!isFree(session.id) || lastActiveAtMs(session) < earliestMs || !isOfSameKind(process, session))
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

/** Guesses for a server without a readable log: it may run any working session of its directory. */
function atWorkIn(
  scene: Scene,
  process: OpencodeProcess,
  cwd: string,
  isFree: (id: string) => boolean,
): Evidence[] {
  return scene
    .rootsIn(cwd)
    .filter((session) => isFree(session.id) && isAtWork(session))
    .slice(0, maxGuesses)
    .map((session) =>
      piece('directory', process.pid, session.id, {
        confidence: 'guess',
        strength: 0.2,
        atMs: session.updatedAtMs,
        why: "at work in the server's directory, and no other process has it",
      }),
    );
}

/** `opencode run` denies its sessions the question tool, a TUI does not, so each session fits only one of the two. */
function isOfSameKind(process: OpencodeProcess, session: Session): boolean {
  return session.interactive === (process.kind !== 'run');
}
