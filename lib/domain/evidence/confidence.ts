import type { Confidence, Evidence } from './match.ts';
import type { TitleVerdict } from './rules/title.ts';

/** What all pieces for one process and one session come to. */
export interface Judgement {
  readonly confidence: Confidence;
  /** 1 to 200 within its confidence: what the assignment adds up. */
  readonly units: number;
  /** Strongest first; those that speak against last. */
  readonly pieces: readonly Evidence[];
}

const rank: Readonly<Record<Confidence, number>> = { certain: 3, likely: 2, guess: 1 };

/** The kinds that say which session a process had, whatever the user switched to since; the title says what is shown. */
const pastKinds = new Set(['marker', 'log', 'flag', 'continue', 'activity', 'directory']);

/** How the title of the process's terminal bears on the pair. */
export interface TitleBearing {
  readonly verdict: TitleVerdict;
  /** What a contradicting title shows: the home screen, a session that is known, or one that is not. */
  readonly shows: 'home' | 'known' | 'unknown';
  /** The session is at work: it goes on whatever the terminal shows. */
  readonly isAtWork: boolean;
  /** The user may have gone on to another session without a trace on disk: so in every TUI, and only there. */
  readonly canSwitch: boolean;
}

/**
 * Weighs the pieces of one pair; undefined where nothing speaks for it.
 *
 * The strongest piece decides, with corrections for a TUI, where nothing but the title follows a switch to another
 * session. What is past is certain only of the session that is at work, or that the title confirms: under a silent
 * title the user may have switched. A title that contradicts is newer than all of the past: under the home screen or
 * another session's title only what is at work is still believed, and under a title nobody has the past is likely at
 * most.
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
  // What is certain is not made more so by weaker pieces: they must not decide between two that are certain.
  if (confidence === 'certain') return { confidence, units: unitsOf(strength), pieces };
  if (confidence === 'likely' && isConfirmed(pieces))
    return { confidence: 'certain', units: confirmedUnits, pieces };
  return { confidence, units: unitsOf(strength) + Math.min(20, weighed - 1), pieces };
}

/** Two signs that agree count a little less than one that is certain by itself. */
const confirmedUnits = 80;

/** What a strength comes to in the assignment: 1 to 100. */
export function unitsOf(strength: number): number {
  return Math.max(1, Math.round(Math.min(1, strength) * 100));
}

/** A title that no other known session has, and another sign that the process has or had the same session. */
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

function lower(confidence: Confidence, most: Confidence): Confidence {
  return rank[confidence] < rank[most] ? confidence : most;
}

/** Strongest first: by confidence, then by strength; all that speaks against comes last. */
function byStrength(left: Evidence, right: Evidence): number {
  const against = Number(left.strength < 0) - Number(right.strength < 0);
  return against || rank[right.confidence] - rank[left.confidence] || right.strength - left.strength;
}
