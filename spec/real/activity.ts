import type { Verb } from './script.ts';

/** What the model server is currently sending for one prompt. */
export type Phase = 'none' | 'waiting' | 'reasoning' | 'text' | 'arguments';

/** How the newest answer to a prompt ended. */
export type Outcome = 'stop' | 'tool' | 'length' | 'failed' | 'limited' | 'aborted';

/** The model server's state of one prompt; parent and subagent have separate ones. */
export interface Activity {
  phase: Phase;
  outcome: Outcome | undefined;
  /** True if the newest answer is a compaction's summary. */
  compacting: boolean;
  /** The script's verb of the newest answer. */
  verb: Verb | undefined;
  /** Number of started answers. */
  answers: number;
  /** Set by the rig to end the answer's delay. */
  released: boolean;
  /** Set by the rig when it presses Escape. */
  interrupted: boolean;
}

/** All activities, by word and separately for subagents. */
export interface Activities {
  of(word: string, subagent?: boolean): Activity;
  /** Returns the last used word in the pane of this word. */
  newest(word: string): string;
}

/** Creates an empty set of activities. */
export function createActivities(): Activities {
  const known = new Map<string, Activity>();
  const newest = new Map<string, string>();
  const paneOf = (word: string): string => word.replace(/p\d+$/, '');
  return {
    newest: (word) => newest.get(paneOf(word)) ?? word,
    of(word, subagent = false) {
      const key = subagent ? `${word} sub` : word;
      newest.set(paneOf(word), word);
      const found = known.get(key);
      if (found !== undefined) return found;
      const fresh: Activity = {
        phase: 'none',
        outcome: undefined,
        compacting: false,
        verb: undefined,
        answers: 0,
        released: false,
        interrupted: false,
      };
      known.set(key, fresh);
      return fresh;
    },
  };
}
