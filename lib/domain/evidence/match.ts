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

/** How sure a match is; a `guess` is shown with `?`. */
export const confidences = ['certain', 'likely', 'guess'] as const;

export type Confidence = (typeof confidences)[number];

/** One reason to believe, or not, that a process runs a session. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly pid: number;
  readonly sessionId: string;
  /** 0 to 1; negative where it speaks against. Orders evidence of one kind, too. */
  readonly strength: number;
  readonly confidence: Confidence;
  /** When what it rests on happened. */
  readonly atMs?: number;
  /** In words, with the values: what a person would check. */
  readonly why: DisplayText;
}

/** A process and the session it runs. */
export interface Match {
  readonly pid: number;
  readonly sessionId: string;
  readonly confidence: Confidence;
  /** The strongest piece, named in the JSON. */
  readonly evidence: EvidenceKind;
  readonly why: DisplayText;
  /** All pieces for and against this pair, strongest first. */
  readonly pieces: readonly Evidence[];
}
