import type { TypedReply } from '../session/acts.ts';
import type { FilterProblem } from '../table/filter.ts';
import type { Action } from './action.ts';
import type { EditedLine } from './line-edit.ts';
import type { KeyHint } from './menu.ts';

/** What a line is typed for. */
export type PromptPurpose = 'filter' | 'search' | 'answer';

/** The line at the bottom while something is typed. */
export interface Prompt {
  readonly purpose: PromptPurpose;
  readonly line: EditedLine;
  readonly problem?: FilterProblem;
  /** Of an answer. */
  readonly reply?: TypedReply;
  /** How far back in the lines typed earlier; 0 is the line typed now. */
  readonly back: number;
  /** What was typed before the earlier lines were looked at. */
  readonly draft: string;
  /** The row that was selected before; Esc selects it again. */
  readonly from?: string;
}

const keys: Readonly<Record<string, Action>> = {
  Enter: { type: 'prompt-keep' },
  Esc: { type: 'prompt-cancel' },
  'C-c': { type: 'prompt-cancel' },
  'C-g': { type: 'prompt-cancel' },
  Up: { type: 'prompt-earlier', by: 1 },
  'C-p': { type: 'prompt-earlier', by: 1 },
  Down: { type: 'prompt-earlier', by: -1 },
  'C-n': { type: 'prompt-earlier', by: -1 },
};

/** What a key does while a line is typed: every key belongs to the line. */
export function promptAction(key: string): Action {
  return keys[key] ?? { type: 'prompt-key', key };
}

/** The keys of the prompt, for the key bar. */
export const promptHints: readonly KeyHint[] = [
  { key: 'Enter', label: 'keep', action: { type: 'prompt-keep' } },
  { key: 'Esc', label: 'clear', action: { type: 'prompt-cancel' } },
  { key: 'Up', label: 'earlier', action: { type: 'prompt-earlier', by: 1 } },
];
