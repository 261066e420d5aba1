import type { Verb } from './script.ts';

/** What the model server is doing for one prompt right now, as nobody but the server can know. */
export type Phase = 'none' | 'waiting' | 'reasoning' | 'text' | 'arguments';

/** How the newest answer to a prompt ended. */
export type Outcome = 'stop' | 'tool' | 'length' | 'failed' | 'limited' | 'aborted';

/** The server's side of the truth about one prompt, its parent's part and its subagent's kept apart. */
export interface Activity {
  phase: Phase;
  outcome: Outcome | undefined;
  /** True while, or after, the newest answer writes a compaction's summary. */
  compacting: boolean;
  /** What the newest answer was asked to be. */
  verb: Verb | undefined;
  /** How many answers were begun. */
  answers: number;
  /** Set by the rig: whatever takes its time is cut short. */
  released: boolean;
  /** Set by the rig: its Escape is under way. */
  interrupted: boolean;
}

/** All activities, by word and by whether it is the subagent's. */
export interface Activities {
  of(word: string, subagent?: boolean): Activity;
  /** The word that was asked for last in the pane of this word. */
  newest(word: string): string;
}

/** No activities yet. */
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
