import { isServer, type OpencodeProcess } from '../process/process.ts';
import { type Judgement, judge, unitsOf } from './confidence.ts';
import type { Evidence } from './match.ts';
import { piece } from './piece.ts';
import { activityEvidence } from './rules/activity.ts';
import { continueEvidence } from './rules/continue.ts';
import { flagEvidence } from './rules/flag.ts';
import { type LogRunners, logEvidence } from './rules/log.ts';
import { readyEvidence } from './rules/marker.ts';
import { hostedEvidence, isStillHosted } from './rules/server.ts';
import { titleEvidence, titleVerdict } from './rules/title.ts';
import { isAtWork, isWorkingOn, type Scene } from './scene.ts';

/** A process and a session that might be its own. */
export interface Candidate {
  readonly pid: number;
  readonly sessionId: string;
  /** Absent where nothing speaks for the pair. */
  readonly judgement?: Judgement;
  readonly pieces: readonly Evidence[];
  /** One of many sessions that the process hosts, not the one it shows. */
  readonly hosted: boolean;
}

/** The pairs of one process that anything but its directory speaks for or against. */
export function candidatesOf(scene: Scene, process: OpencodeProcess, runners: LogRunners): Candidate[] {
  const ready = readyEvidence(scene, process);
  const hosted = hostedEvidence(scene, process, runners);
  if (isServer(process)) {
    const activity = activityEvidence(scene, process);
    return grouped(scene, process, [...ready, ...hosted, ...activity], true).filter(({ sessionId }) => {
      const session = scene.sessions.get(sessionId);
      return session !== undefined && isStillHosted(scene, session);
    });
  }
  const [front, behind] = toldByOpencode(scene, process, ready);
  const shown = grouped(
    scene,
    process,
    [
      ...front,
      ...logEvidence(scene, process, runners),
      ...titleEvidence(scene, process),
      ...flagEvidence(scene, process),
      ...activityEvidence(scene, process),
      ...continueEvidence(scene, process),
    ],
    false,
  );
  return [...shown, ...inBackground(scene, process, runners, { hosted, behind })];
}

/**
 * A TUI goes on with a session that the user switched away from. Such a session keeps its row while it works: without
 * it, it would seem to be an unfinished turn whose process is gone.
 */
function inBackground(
  scene: Scene,
  process: OpencodeProcess,
  runners: LogRunners,
  { hosted, behind }: { readonly hosted: readonly Evidence[]; readonly behind: readonly Evidence[] },
) {
  if (process.kind !== 'tui') return [];
  const working = hosted.filter(({ sessionId }) => {
    if (!isWorkingOn(scene, process, sessionId)) return false;
    const isShown = runners.newest.get(process.pid)?.sessionId === sessionId;
    return !isShown || titleVerdict(scene, process, sessionId) === 'contradicts';
  });
  const asLikely = working.map(
    (evidence): Evidence => ({ ...evidence, confidence: 'likely', strength: 0.5 }),
  );
  return grouped(scene, process, [...behind, ...asLikely], true);
}

/**
 * opencode itself names every session that a TUI works on, and not the one that it shows: what works under another
 * session's title works in the background. The plugin tells which of them was prompted last, and that one is shown unless
 * the title says otherwise; of several that a port tells of under no title, which is shown is for the assignment to choose.
 */
function toldByOpencode(
  scene: Scene,
  process: OpencodeProcess,
  ready: readonly Evidence[],
): readonly [front: readonly Evidence[], behind: readonly Evidence[]] {
  const byPlugin = ready.filter(({ kind, confidence }) => kind === 'marker' && confidence === 'certain');
  const [prompted] = byPlugin;
  // The others were at work when the plugin last wrote: the database knows of an end that it did not hear.
  const isOver = (piece: Evidence) =>
    byPlugin.includes(piece) && piece !== prompted && !isAtWork(scene.sessions.get(piece.sessionId));
  const current = ready.filter((piece) => !isOver(piece));
  const isBehind = (piece: Evidence) => {
    const verdict = titleVerdict(scene, process, piece.sessionId);
    if (piece.kind === 'server') return verdict === 'contradicts';
    if (!byPlugin.includes(piece) || !isAtWork(scene.sessions.get(piece.sessionId))) return false;
    return verdict === 'contradicts' || (verdict === 'silent' && piece !== prompted);
  };
  const behind = current.filter(isBehind);
  const front = current.filter((piece) => !behind.includes(piece));
  const told = new Set(front.flatMap(({ kind, sessionId }) => (kind === 'server' ? [sessionId] : [])));
  const isOneOfSeveral = ({ kind, sessionId }: Evidence) =>
    kind === 'server' && told.size > 1 && titleVerdict(scene, process, sessionId) !== 'agrees';
  const open = front.filter(isOneOfSeveral).map((piece): Evidence => ({ ...piece, confidence: 'likely' }));
  return [
    [...front.filter((piece) => !isOneOfSeveral(piece)), ...open],
    [...behind, ...open.map((piece) => ({ ...piece, strength: piece.strength / 2 }))],
  ];
}

/** A candidate that a single guess speaks for. */
export function guessOf(evidence: Evidence, hosted: boolean): Candidate {
  const { pid, sessionId, strength } = evidence;
  const pieces = [evidence];
  return {
    pid,
    sessionId,
    hosted,
    pieces,
    judgement: { confidence: 'guess', units: unitsOf(strength), pieces },
  };
}

/** Makes one candidate of all pieces about the same session. */
function grouped(
  scene: Scene,
  process: OpencodeProcess,
  pieces: readonly Evidence[],
  hosted: boolean,
): Candidate[] {
  const bySession = new Map<string, Evidence[]>();
  for (const piece of pieces) {
    const those = bySession.get(piece.sessionId);
    if (those === undefined) bySession.set(piece.sessionId, [piece]);
    else those.push(piece);
  }
  return [...bySession].map(([sessionId, those]) => candidateOf(scene, process, sessionId, those, hosted));
}

function candidateOf(
  scene: Scene,
  process: OpencodeProcess,
  sessionId: string,
  pieces: readonly Evidence[],
  hosted: boolean,
): Candidate {
  const shown = scene.shownBy(process);
  const isKnown = shown.kind === 'session' && isHere(scene, process, scene.titled(shown.title));
  const verdict = hosted ? 'silent' : titleVerdict(scene, process, sessionId);
  const all = verdict === 'contradicts' ? [...pieces, contradiction(process, sessionId)] : pieces;
  const judgement = judge(all, {
    verdict,
    shows: shown.kind === 'home' ? 'home' : isKnown ? 'known' : 'unknown',
    isAtWork:
      isWorkingOn(scene, process, sessionId) || (isTold(pieces) && isAtWork(scene.sessions.get(sessionId))),
    canSwitch: process.kind === 'tui' && !hosted,
  });
  const base = { pid: process.pid, sessionId, hosted, pieces: judgement?.pieces ?? all };
  return judgement === undefined ? base : { ...base, judgement };
}

/** True where one of the sessions is of the process's directory: titles repeat between projects. */
function isHere(scene: Scene, process: OpencodeProcess, sessionIds: ReadonlySet<string>): boolean {
  return [...sessionIds].some((id) => scene.sessions.get(id)?.directoryPath === process.cwd);
}

/** True where opencode itself, through otop's plugin or its API, names the session. */
function isTold(pieces: readonly Evidence[]): boolean {
  return pieces.some(
    ({ kind, confidence }) => (kind === 'marker' || kind === 'server') && confidence === 'certain',
  );
}

function contradiction(process: OpencodeProcess, sessionId: string): Evidence {
  const why = `terminal title '${process.pane?.title ?? ''}' is not this session's`;
  return piece('title', process.pid, sessionId, { confidence: 'likely', strength: -0.9, why });
}
