import type { OpencodeProcess } from '../../process/process.ts';
import type { Session } from '../../session/session.ts';
import type { Evidence } from '../match.ts';
import { isPlaceholder, type PaneTitle } from '../pane-title.ts';
import { piece } from '../piece.ts';
import type { Scene } from '../scene.ts';
import { lastActiveAtMs } from './activity.ts';

/** A title is repainted within this time of what changed it: 0.25 s as a rule, 0.85 s on a machine with more to do than it can. */
const repaintMs = 1_200;
/** A session is made by its first prompt: later than this after it, it was prompted again. */
const firstPromptWithinMs = 15_000;
/** Even a busy machine has a TUI listen to its own events by then. */
const listensWithinMs = 60_000;

/** What the terminal's title says about one session: nothing, that it alone is the one shown, or that it is not. */
export type TitleVerdict = 'silent' | 'agrees' | 'contradicts';

/**
 * Weighs the title of the process's pane against one root session. Just after a prompt the title may still be the old
 * one: then it tells nothing but that the prompted session is shown, where it names that one.
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
  // `OpenCode` stands for the home screen and for every session without a title of its own: just after the title
  // model answered, which it does in the first turn, the database has the title and the terminal not yet.
  const changedAtMs = Math.max(lastActiveAtMs(session), session.updatedAtMs ?? 0);
  const isFresh = isInFirstTurn(session) && readAtMs(scene, process) - changedAtMs < repaintMs;
  const mayBeShown = isPlaceholder(session.title) || isFresh || mayHaveMissedTitle(scene, process, sessionId);
  return mayBeShown ? 'silent' : 'contradicts';
}

/** True also where nothing tells: one prompt, at the time the session was made. */
function isInFirstTurn({ createdAtMs, newestUser }: Session): boolean {
  if (createdAtMs === undefined || newestUser?.createdAtMs === undefined) return true;
  return newestUser.createdAtMs - createdAtMs < firstPromptWithinMs;
}

/**
 * A TUI on a busy machine that is prompted before it listens for events shows its first session without a title until
 * the next prompt (opencode.md, "Terminal title"). So `OpenCode` over a session that was made soon after the start and prompted
 * once is no proof of the home screen, unless this TUI was seen with a session's title before.
 */
function mayHaveMissedTitle(scene: Scene, process: OpencodeProcess, sessionId: string): boolean {
  if (scene.activity.titled.has(process.pid)) return false;
  const root = scene.rootsNamedBy(process).find((each) => each.sessionId === sessionId);
  if (root?.createdAtMs === undefined || process.startedAtMs === undefined) return false;
  const promptedOnce = (root.promptedAtMs ?? root.createdAtMs) - root.createdAtMs < firstPromptWithinMs;
  return promptedOnce && root.createdAtMs - process.startedAtMs < listensWithinMs;
}

/** The session that the title names, where a single known one has it. */
export function titleEvidence(scene: Scene, process: OpencodeProcess): Evidence[] {
  const shown = scene.shownBy(process);
  if (shown.kind !== 'session') return [];
  const prompted = justPrompted(scene, process);
  if (prompted !== undefined && !namesOnly(scene, shown, prompted)) return [];
  const ids = narrowed(scene, process, scene.titled(shown.title));
  const said = `terminal title '${shown.title}' is this session's`;
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) {
    // Titles repeat between projects: one known only from elsewhere is no more than a hint.
    const isHere = scene.sessions.get(only)?.directoryPath === process.cwd || isNamed(scene, process, only);
    const confidence = isHere ? 'likely' : 'guess';
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

/** Of several sessions with one title: those this process is known to have had, else those of its directory. */
function narrowed(scene: Scene, process: OpencodeProcess, ids: ReadonlySet<string>): string[] {
  const all = [...ids].sort();
  const its = all.filter((id) => isNamed(scene, process, id));
  if (its.length > 0) return its;
  const here = all.filter((id) => scene.sessions.get(id)?.directoryPath === process.cwd);
  return here.length > 0 ? here : all;
}

/** True where the process's arguments or its log name the session. */
function isNamed(scene: Scene, process: OpencodeProcess, sessionId: string): boolean {
  const flag = scene.argumentsOf(process).sessionId;
  if (flag !== undefined && scene.rootOf(flag) === sessionId) return true;
  return scene.rootsNamedBy(process).some((root) => root.sessionId === sessionId);
}

/**
 * The session that its process prompted or opened so shortly before the pane's title was read that it may still be the
 * old one. Not where the prompt lies in the future, since the clock was set back then.
 */
function justPrompted(scene: Scene, process: OpencodeProcess): string | undefined {
  let newest: { readonly sessionId: string; readonly atMs: number } | undefined;
  for (const { sessionId, atMs } of scene.rootsNamedBy(process)) {
    if (atMs >= (newest?.atMs ?? 0)) newest = { sessionId, atMs };
  }
  for (const { sessionId, atMs = 0, strength } of scene.toldOf(process)) {
    // What speaks against has the time of another process's prompt.
    if (strength >= 0 && atMs > (newest?.atMs ?? 0)) newest = { sessionId: scene.rootOf(sessionId), atMs };
  }
  if (newest === undefined) return undefined;
  const ageMs = readAtMs(scene, process) - newest.atMs;
  return ageMs < repaintMs && ageMs > -60_000 ? newest.sessionId : undefined;
}

/** True for a title that is this one session's and no other's. */
function namesOnly(scene: Scene, shown: PaneTitle, sessionId: string): boolean {
  if (shown.kind !== 'session') return false;
  const titled = scene.titled(shown.title);
  return titled.size === 1 && titled.has(sessionId);
}

function readAtMs(scene: Scene, process: OpencodeProcess): number {
  return process.pane?.titleAtMs ?? scene.nowMs;
}
