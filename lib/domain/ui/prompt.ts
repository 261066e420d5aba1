import type { TypedReply } from '../session/acts.ts';
import type { FilterProblem } from '../table/filter.ts';
import type { Action } from './action.ts';
import type { EditedLine } from './line-edit.ts';
import type { KeyHint } from './menu.ts';

/** The purpose of a prompt: a filter, a search, or the answer to a session's ask. */
export type PromptPurpose = 'filter' | 'search' | 'answer';

/** The prompt at the bottom of the screen. */
export interface Prompt {
  readonly purpose: PromptPurpose;
  readonly line: EditedLine;
  readonly problem?: FilterProblem;
  /** The ask that the line answers, if the purpose is `answer`. */
  readonly reply?: TypedReply;
  /** Position in the history, counted back from the newest line; 0 is the line being typed. */
  readonly back: number;
  /** The line being typed, kept while the history is shown. */
  readonly draft: string;
  /** Key of the row selected before the prompt; Esc selects it again. */
  readonly from?: string;
}

const keys: Readonly<Record<string, Action>> = {
  Enter: { type: 'prompt-submit' },
  Esc: { type: 'prompt-cancel' },
  'C-c': { type: 'prompt-cancel' },
  'C-g': { type: 'prompt-cancel' },
  Up: { type: 'prompt-earlier', by: 1 },
  'C-p': { type: 'prompt-earlier', by: 1 },
  Down: { type: 'prompt-earlier', by: -1 },
  'C-n': { type: 'prompt-earlier', by: -1 },
};

/** Returns the action of a key while the prompt is open. The prompt takes every key. */
export function promptAction(key: string): Action {
  return keys[key] ?? { type: 'prompt-key', key };
}

/** The keys of the prompt, for the key bar. */
export const promptHints: readonly KeyHint[] = [
  { key: 'Enter', label: 'keep', action: { type: 'prompt-submit' } },
  { key: 'Esc', label: 'clear', action: { type: 'prompt-cancel' } },
  { key: 'Up', label: 'earlier', action: { type: 'prompt-earlier', by: 1 } },
];
