import type { Confidence, Evidence } from '../match.ts';
import type { TitleVerdict } from './title.ts';

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
 * title the user may have switched. A title that contradicts is newer than all of the past: under the home screen
 * only a session at work is still believed, under another known session the past is a guess, and under a title nobody
 * has it is likely at most.
 */
export function judge(all: readonly Evidence[], title: TitleBearing): Judgement | undefined {
  const pieces = all.toSorted(byStrength);
  const weighed = pieces.flatMap((piece) => {
    const confidence = corrected(piece, title);
    return confidence === undefined || piece.strength <= 0 ? [] : [{ piece, confidence }];
  });
  let confidence = strongest(weighed.map((each) => each.confidence));
  if (confidence === undefined) return undefined;
  const bearing = weighed.filter((each) => rank[each.confidence] === rank[confidence ?? 'guess']);
  const strength = Math.max(...bearing.map(({ piece }) => piece.strength));
  if (confidence === 'likely' && isConfirmed(weighed.map(({ piece }) => piece))) confidence = 'certain';
  const support = Math.min(20, weighed.length - 1);
  return { confidence, units: Math.max(1, Math.round(Math.min(1, strength) * 100)) + support, pieces };
}

/** A title that no other known session of the place has, and another sign that names the same session. */
function isConfirmed(pieces: readonly Evidence[]): boolean {
  const isLikely = (piece: Evidence) => piece.confidence !== 'guess';
  const byTitle = pieces.some((piece) => piece.kind === 'title' && isLikely(piece) && piece.strength >= 0.9);
  return (
    byTitle &&
    pieces.some((piece) => ['log', 'flag', 'continue', 'marker'].includes(piece.kind) && isLikely(piece))
  );
}

function corrected({ kind, confidence }: Evidence, title: TitleBearing): Confidence | undefined {
  if (!pastKinds.has(kind) || !title.canSwitch || title.verdict === 'agrees') return confidence;
  if (title.isAtWork && (kind === 'log' || kind === 'marker')) {
    return title.verdict === 'contradicts' ? lower(confidence, 'likely') : confidence;
  }
  if (title.verdict === 'silent') return lower(confidence, 'likely');
  if (title.shows === 'home') return undefined;
  return lower(confidence, title.shows === 'known' ? 'guess' : 'likely');
}

function lower(confidence: Confidence, most: Confidence): Confidence {
  return rank[confidence] < rank[most] ? confidence : most;
}

function strongest(confidences: readonly Confidence[]): Confidence | undefined {
  return confidences.toSorted((left, right) => rank[right] - rank[left])[0];
}

/** Strongest first: by confidence, then by strength; all that speaks against comes last. */
function byStrength(left: Evidence, right: Evidence): number {
  const against = Number(left.strength < 0) - Number(right.strength < 0);
  return against || rank[right.confidence] - rank[left.confidence] || right.strength - left.strength;
}
