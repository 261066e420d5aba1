import { isServer, type OpencodeProcess } from '../process/process.ts';
import { type Judgement, judge, unitsOf } from './confidence.ts';
import type { Evidence } from './match.ts';
import { piece } from './piece.ts';
import { activityEvidence } from './rules/activity.ts';
import { continueEvidence } from './rules/continue.ts';
import { flagEvidence } from './rules/flag.ts';
import { type LogRunners, logEvidence } from './rules/log.ts';
import { reportedEvidence } from './rules/marker.ts';
import { ownerEvidence } from './rules/owner.ts';
import { isStillHosted, promptedEvidence } from './rules/prompted.ts';
import { titleEvidence, titleVerdict } from './rules/title.ts';
import { isAtWork, isWorkingOn, type Scene } from './scene.ts';

/** A process and a session that it may run. */
export interface Candidate {
  readonly pid: number;
  readonly sessionId: string;
  /** Absent if no evidence supports the pair. */
  readonly judgement?: Judgement;
  readonly pieces: readonly Evidence[];
  /** True if the session is one of many in the process, not its visible one. */
  readonly hosted: boolean;
}

/** The candidates of one process, from all evidence for and against except the directory. */
export function candidatesOf(scene: Scene, process: OpencodeProcess, runners: LogRunners): Candidate[] {
  const reported = reportedEvidence(scene, process);
  const hosted = promptedEvidence(scene, process, runners);
  if (isServer(process)) {
    const activity = activityEvidence(scene, process);
    return grouped(
      scene,
      process,
      [...reported, ...hosted, ...activity, ...ownerEvidence(scene, process)],
      true,
    ).filter(({ sessionId }) => {
      const session = scene.sessions.get(sessionId);
      return session !== undefined && isStillHosted(scene, session);
    });
  }
  const [visible, background] = splitReports(scene, process, reported);
  const shown = grouped(
    scene,
    process,
    [
      ...visible,
      ...logEvidence(scene, process, runners),
      ...titleEvidence(scene, process),
      ...flagEvidence(scene, process),
      ...activityEvidence(scene, process),
      ...continueEvidence(scene, process),
    ],
    false,
  );
  return [...shown, ...inBackground(scene, process, runners, { hosted, background })];
}

/**
 * A TUI continues a session after the user switches to another one. The session keeps its row while it works; otherwise
 * it would look like an unfinished turn without a process.
 */
function inBackground(
  scene: Scene,
  process: OpencodeProcess,
  runners: LogRunners,
  { hosted, background }: { readonly hosted: readonly Evidence[]; readonly background: readonly Evidence[] },
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
  return grouped(scene, process, [...background, ...asLikely], true);
}

/**
 * Splits opencode's reports of a TUI into its visible session and the background. The plugin and the port name all
 * working sessions, but not the visible one. A session under another title is in the background. The last prompted one
 * of the plugin is visible unless the title contradicts; of several from a port the assignment chooses.
 */
function splitReports(
  scene: Scene,
  process: OpencodeProcess,
  reported: readonly Evidence[],
): readonly [visible: readonly Evidence[], background: readonly Evidence[]] {
  const byPlugin = reported.filter(({ kind, confidence }) => kind === 'marker' && confidence === 'certain');
  const [prompted] = byPlugin;
  // The others worked when the plugin last wrote. The database also knows ends that the plugin missed.
  const isOver = (piece: Evidence) =>
    byPlugin.includes(piece) && piece !== prompted && !isAtWork(scene.sessions.get(piece.sessionId));
  const current = reported.filter((piece) => !isOver(piece));
  const isBackground = (piece: Evidence) => {
    const verdict = titleVerdict(scene, process, piece.sessionId);
    if (piece.kind === 'server') return verdict === 'contradicts';
    if (!byPlugin.includes(piece) || !isAtWork(scene.sessions.get(piece.sessionId))) return false;
    return verdict === 'contradicts' || (verdict === 'silent' && piece !== prompted);
  };
  const background = current.filter(isBackground);
  const visible = current.filter((piece) => !background.includes(piece));
  const byServer = new Set(visible.flatMap(({ kind, sessionId }) => (kind === 'server' ? [sessionId] : [])));
  const isAmbiguous = ({ kind, sessionId }: Evidence) =>
    kind === 'server' && byServer.size > 1 && titleVerdict(scene, process, sessionId) !== 'agrees';
  const ambiguous = visible
    .filter(isAmbiguous)
    .map((piece): Evidence => ({ ...piece, confidence: 'likely' }));
  return [
    [...visible.filter((piece) => !isAmbiguous(piece)), ...ambiguous],
    [...background, ...ambiguous.map((piece) => ({ ...piece, strength: piece.strength / 2 }))],
  ];
}

/** A candidate from a single guess. */
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

/** Makes one candidate from all pieces about the same session. */
function grouped(
  scene: Scene,
  process: OpencodeProcess,
  pieces: readonly Evidence[],
  hosted: boolean,
): Candidate[] {
  const bySession = new Map<string, Evidence[]>();
  for (const piece of pieces) {
    const ofSession = bySession.get(piece.sessionId);
    if (ofSession === undefined) bySession.set(piece.sessionId, [piece]);
    else ofSession.push(piece);
  }
  return [...bySession].map(([sessionId, ofSession]) =>
    candidateOf(scene, process, sessionId, ofSession, hosted),
  );
}

function candidateOf(
  scene: Scene,
  process: OpencodeProcess,
  sessionId: string,
  pieces: readonly Evidence[],
  hosted: boolean,
): Candidate {
  const shown = scene.shownBy(process);
  const isKnown = shown.kind === 'session' && isInDirectory(scene, process, scene.titled(shown.title));
  const verdict = hosted ? 'silent' : titleVerdict(scene, process, sessionId);
  const all = verdict === 'contradicts' ? [...pieces, contradiction(process, sessionId)] : pieces;
  const judgement = judge(all, {
    verdict,
    shows: shown.kind === 'home' ? 'home' : isKnown ? 'known' : 'unknown',
    isAtWork:
      isWorkingOn(scene, process, sessionId) ||
      (isReported(pieces) && isAtWork(scene.sessions.get(sessionId))),
    canSwitch: process.kind === 'tui' && !hosted,
  });
  const base = { pid: process.pid, sessionId, hosted, pieces: judgement?.pieces ?? all };
  return judgement === undefined ? base : { ...base, judgement };
}

/** True if one of the sessions is in the process's directory; needed because titles repeat between projects. */
function isInDirectory(scene: Scene, process: OpencodeProcess, sessionIds: ReadonlySet<string>): boolean {
  return [...sessionIds].some((id) => scene.sessions.get(id)?.directoryPath === process.cwd);
}

/** True if opencode itself reports the session, through otop's plugin or its API. */
function isReported(pieces: readonly Evidence[]): boolean {
  return pieces.some(
    ({ kind, confidence }) => (kind === 'marker' || kind === 'server') && confidence === 'certain',
  );
}

function contradiction(process: OpencodeProcess, sessionId: string): Evidence {
  const why = `terminal title '${process.pane?.title ?? ''}' is not this session's`;
  return piece('title', process.pid, sessionId, { confidence: 'likely', strength: -0.9, why });
}
