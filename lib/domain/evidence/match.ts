import type { DisplayText } from '../../text/sanitize.ts';

/** The kinds of evidence, strongest first. */
export const evidenceKinds = [
  'marker',
  'server',
  'log',
  'title',
  'flag',
  'activity',
  'continue',
  'directory',
] as const;

export type EvidenceKind = (typeof evidenceKinds)[number];

/** The levels of confidence; a `guess` is shown with `?`. */
export const confidences = ['certain', 'likely', 'guess'] as const;

export type Confidence = (typeof confidences)[number];

/** One piece of evidence for or against a process running a session. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly pid: number;
  readonly sessionId: string;
  /** 0 to 1; negative for evidence against the pair. Also orders evidence of one kind. */
  readonly strength: number;
  readonly confidence: Confidence;
  /** The time of the underlying event. */
  readonly atMs?: number;
  /** The reason as text with its values, so that the user can check it. */
  readonly why: DisplayText;
}

/** A process and the session it runs. */
export interface Match {
  readonly pid: number;
  readonly sessionId: string;
  readonly confidence: Confidence;
  /** The kind of the strongest piece, for the JSON. */
  readonly evidence: EvidenceKind;
  readonly why: DisplayText;
  /** All evidence for and against this pair, strongest first. */
  readonly pieces: readonly Evidence[];
}
