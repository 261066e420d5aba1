import type { OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { Evidence } from '../match.ts';
import { isPlaceholder, type PaneTitle } from '../pane-title.ts';
import { piece } from '../piece.ts';
import type { Scene } from '../scene.ts';
import { lastActiveAtMs } from './activity.ts';

/** The TUI repaints its title within this time after a change: usually 0.25 s, 0.85 s on an overloaded machine. */
const repaintMs = 1_200;
/** The first prompt creates the session; a prompt later than this after the creation is not the first. */
const firstPromptWithinMs = 15_000;
/** A TUI listens to its own events within this time after its start, even on a busy machine. */
const listensWithinMs = 60_000;

/** The verdict of the terminal title about one session: unknown, the visible one, or not the visible one. */
export type TitleVerdict = 'silent' | 'agrees' | 'contradicts';

/**
 * Compares the title of the process's pane with one root session. Just after a prompt the title may be out of date: then
 * the verdict is `agrees` if the title names the prompted session, else `silent`.
 */
export function titleVerdict(scene: Scene, process: OpencodeProcess, sessionId: string): TitleVerdict {
  const shown = scene.shownBy(process);
  const session = scene.sessions.get(sessionId);
  if (shown.kind === 'silent' || session?.title === undefined) return 'silent';
  const prompted = justPrompted(scene, process);
  if (prompted !== undefined) {
    return prompted === sessionId && namesOnly(scene, shown, sessionId) ? 'agrees' : 'silent';
  }
  if (shown.kind === 'session') {
    const titled = scene.titled(shown.title);
    if (!titled.has(sessionId)) return 'contradicts';
    return titled.size === 1 ? 'agrees' : 'silent';
  }
  // `OpenCode` is the title of the home screen and of each session without its own title. The title model responds in
  // the first turn; just after that only the database has the title, the terminal not yet.
  const changedAtMs = Math.max(lastActiveAtMs(session), session.updatedAtMs ?? 0);
  const isFresh = isInFirstTurn(session) && readAtMs(scene, process) - changedAtMs < repaintMs;
  const mayBeShown = isPlaceholder(session.title) || isFresh || mayHaveMissedTitle(scene, process, sessionId);
  return mayBeShown ? 'silent' : 'contradicts';
}

/** True if the session's only prompt is the one that created it, or if that is unknown. */
function isInFirstTurn({ createdAtMs, newestUser }: Session): boolean {
  if (createdAtMs === undefined || newestUser?.createdAtMs === undefined) return true;
  return newestUser.createdAtMs - createdAtMs < firstPromptWithinMs;
}

/**
 * True if the TUI may have missed its first session's title: if it is prompted before it listens to events, it shows no
 * title until the next prompt (opencode.md, "Terminal title"). So `OpenCode` is no proof of the home screen for a session
 * that was created soon after the start and prompted once, unless the TUI had a session's title before.
 */
function mayHaveMissedTitle(scene: Scene, process: OpencodeProcess, sessionId: string): boolean {
  if (scene.activity.titled.has(process.pid)) return false;
  const root = scene.rootsNamedBy(process).find((each) => each.sessionId === sessionId);
  if (root?.createdAtMs === undefined || process.startedAtMs === undefined) return false;
  const promptedOnce = (root.promptedAtMs ?? root.createdAtMs) - root.createdAtMs < firstPromptWithinMs;
  return promptedOnce && root.createdAtMs - process.startedAtMs < listensWithinMs;
}

/** Evidence for the session with the terminal's title; guesses if several known sessions have the title. */
export function titleEvidence(scene: Scene, process: OpencodeProcess): Evidence[] {
  const shown = scene.shownBy(process);
  if (shown.kind !== 'session') return [];
  const prompted = justPrompted(scene, process);
  if (prompted !== undefined && !namesOnly(scene, shown, prompted)) return [];
  const ids = narrowed(scene, process, scene.titled(shown.title));
  const said = `terminal title '${shown.title}' is this session's`;
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) {
    // Titles repeat between projects: without the same directory or another sign the title is only a guess.
    const isRelated =
      scene.sessions.get(only)?.directoryPath === process.cwd || isNamed(scene, process, only);
    const confidence = isRelated ? 'likely' : 'guess';
    const others = scene.titled(shown.title).size - 1;
    const strength = others === 0 ? 0.9 : 0.8;
    const why =
      others === 0
        ? said
        : `${said}; of ${others + 1} with this title it is the one of this process or its directory`;
    return [piece('title', process.pid, only, { confidence, strength, why })];
  }
  return ids.map((id) =>
    piece('title', process.pid, id, {
      confidence: 'guess',
      strength: 0.7,
      why: `${said}, and that of ${ids.length - 1} more`,
    }),
  );
}

/** Of several sessions with one title: those that the process names, else those of its directory, else all. */
function narrowed(scene: Scene, process: OpencodeProcess, ids: ReadonlySet<string>): string[] {
  const all = [...ids].sort();
  const named = all.filter((id) => isNamed(scene, process, id));
  if (named.length > 0) return named;
  const inDirectory = all.filter((id) => scene.sessions.get(id)?.directoryPath === process.cwd);
  return inDirectory.length > 0 ? inDirectory : all;
}

/** True if the process's arguments or its log name the session. */
function isNamed(scene: Scene, process: OpencodeProcess, sessionId: string): boolean {
  const flag = scene.argumentsOf(process).sessionId;
  if (flag !== undefined && scene.rootOf(flag) === sessionId) return true;
  return scene.rootsNamedBy(process).some((root) => root.sessionId === sessionId);
}

/**
 * The session that the process prompted or opened just before the read of the pane's title, so that the title may be out
 * of date; undefined if there is none. A prompt far in the future does not count: the clock was set back.
 */
function justPrompted(scene: Scene, process: OpencodeProcess): string | undefined {
  let newest: { readonly sessionId: string; readonly atMs: number } | undefined;
  for (const { sessionId, atMs } of scene.rootsNamedBy(process)) {
    if (atMs >= (newest?.atMs ?? 0)) newest = { sessionId, atMs };
  }
  for (const { sessionId, atMs = 0, strength } of scene.reportedOf(process)) {
    // Evidence against the pair has the time of another process's prompt.
    if (strength >= 0 && atMs > (newest?.atMs ?? 0)) newest = { sessionId: scene.rootOf(sessionId), atMs };
  }
  if (newest === undefined) return undefined;
  const ageMs = readAtMs(scene, process) - newest.atMs;
  return ageMs < repaintMs && ageMs > -60_000 ? newest.sessionId : undefined;
}

/** True if this session is the only one with the title. */
function namesOnly(scene: Scene, shown: PaneTitle, sessionId: string): boolean {
  if (shown.kind !== 'session') return false;
  const titled = scene.titled(shown.title);
  return titled.size === 1 && titled.has(sessionId);
}

function readAtMs(scene: Scene, process: OpencodeProcess): number {
  return process.pane?.titleAtMs ?? scene.nowMs;
}
