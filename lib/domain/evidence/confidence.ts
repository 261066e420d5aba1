import type { Confidence, Evidence } from './match.ts';
import type { TitleVerdict } from './rules/title.ts';

/** The combined judgement of all evidence for one process and one session. */
export interface Judgement {
  readonly confidence: Confidence;
  /** 1 to 200 within its confidence; the assignment maximises their sum. */
  readonly units: number;
  /** Strongest first; evidence against the pair comes last. */
  readonly pieces: readonly Evidence[];
}

const rank: Readonly<Record<Confidence, number>> = { certain: 3, likely: 2, guess: 1 };

/** The kinds of evidence for the session that a process had. Only the title shows a later switch by the user. */
const pastKinds = new Set(['marker', 'log', 'flag', 'continue', 'activity', 'directory']);

/** The facts from the process's terminal title about the pair. */
export interface TitleBearing {
  readonly verdict: TitleVerdict;
  /** The content of a contradicting title: the home screen, a known session or an unknown one. */
  readonly shows: 'home' | 'known' | 'unknown';
  /** True if the session works, which does not depend on the visible session. */
  readonly isAtWork: boolean;
  /** True if the user can switch to another session without a trace on disk: in a TUI only. */
  readonly canSwitch: boolean;
}

/**
 * Judges the evidence of one pair; undefined if no evidence supports it. The strongest piece decides. In a TUI only the
 * title follows a switch, so evidence of the past is certain only for a working session or with an agreeing title:
 * - silent title: likely at most, since the user may have switched
 * - title of the home screen or of another known session: only a working session still counts
 * - title of an unknown session: likely at most
 */
export function judge(all: readonly Evidence[], title: TitleBearing): Judgement | undefined {
  const pieces = all.length > 1 ? all.toSorted(byStrength) : all;
  let confidence: Confidence | undefined;
  let strength = 0;
  let weighed = 0;
  for (const piece of pieces) {
    const own = piece.strength > 0 ? corrected(piece, title) : undefined;
    if (own === undefined) continue;
    weighed += 1;
    const isStronger = confidence === undefined || rank[own] > rank[confidence];
    if (isStronger) confidence = own;
    if (isStronger || own === confidence)
      strength = isStronger ? piece.strength : Math.max(strength, piece.strength);
  }
  if (confidence === undefined) return undefined;
  // Weaker pieces must not decide between two certain pairs.
  if (confidence === 'certain') return { confidence, units: unitsOf(strength), pieces };
  if (confidence === 'likely' && isConfirmed(pieces))
    return { confidence: 'certain', units: confirmedUnits, pieces };
  return { confidence, units: unitsOf(strength) + Math.min(20, weighed - 1), pieces };
}

/** Two pieces that confirm each other count a little less than one certain piece. */
const confirmedUnits = 80;

/** Converts a strength (0 to 1) to the units of the assignment: 1 to 100. */
export function unitsOf(strength: number): number {
  return Math.max(1, Math.round(Math.min(1, strength) * 100));
}

/** True if a unique title and another piece confirm each other: the process has or had this session. */
function isConfirmed(pieces: readonly Evidence[]): boolean {
  const byTitle = pieces.some(({ kind, strength }) => kind === 'title' && strength >= 0.9);
  const had = pieces.some(({ kind, strength }) => (kind === 'log' || kind === 'marker') && strength >= 0);
  return (
    byTitle && (had || pieces.some((piece) => confirming.has(piece.kind) && piece.confidence !== 'guess'))
  );
}

const confirming = new Set(['flag', 'continue']);

function corrected({ kind, confidence }: Evidence, title: TitleBearing): Confidence | undefined {
  if (!pastKinds.has(kind) || !title.canSwitch || title.verdict === 'agrees') return confidence;
  if (title.isAtWork && (kind === 'log' || kind === 'marker')) {
    return title.verdict === 'contradicts' ? lower(confidence, 'likely') : confidence;
  }
  if (title.verdict === 'silent') return lower(confidence, 'likely');
  return title.shows === 'unknown' ? lower(confidence, 'likely') : undefined;
}

function lower(confidence: Confidence, max: Confidence): Confidence {
  return rank[confidence] < rank[max] ? confidence : max;
}

/** Strongest first, by confidence and then by strength; evidence against the pair comes last. */
function byStrength(left: Evidence, right: Evidence): number {
  const against = Number(left.strength < 0) - Number(right.strength < 0);
  return against || rank[right.confidence] - rank[left.confidence] || right.strength - left.strength;
}
