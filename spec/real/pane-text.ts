import type { Activities, Activity } from './activity.ts';
import type { Verb } from './script.ts';

/** What a person sees on the pane, from its visible text alone. */
export interface Seen {
  readonly permission: boolean;
  readonly question: boolean;
  readonly busy: boolean;
  readonly queued: boolean;
  readonly retrying: boolean;
  /** The screen opencode starts with, and that /new leads to. */
  readonly home: boolean;
  /** Any opencode screen at all: its status line or its home screen. */
  readonly opencode: boolean;
}

/** The moving bar beside the words, too: on a narrow pane the words are broken over lines. */
const busyPattern = /esc (again to )?interrupt|[⬝■]{6}/;

/** Reads a pane's text; the phrases are opencode's own, the same from 1.2.27 to 1.18.33. */
export function readPane(text: string): Seen {
  const home = /Ask anything/.test(text);
  return {
    permission: /Permission required/.test(text),
    question: /enter (submit|confirm|toggle)/.test(text) && /Which database/.test(text),
    busy: busyPattern.test(text),
    queued: /\bQUEUED\b/.test(text),
    retrying: /attempt #\d+/.test(text),
    home,
    opencode: home || /ctrl\+p commands|Permission required/.test(text) || busyPattern.test(text),
  };
}

/** The states a row may rightly show for a pane; empty where the pane is between two of them. */
export type Expected = readonly string[];

/**
 * What `otop` should say of a pane, by what the pane shows and, where the pane only says "busy" or nothing,
 * by what the model server knows it sent. `asking` is followed by what for. `resumed`: it was opened on a session
 * that had come to rest.
 */
export function expectedStates(
  seen: Seen,
  own: Activity | undefined,
  resumed: boolean,
  toolRuns: boolean,
): Expected {
  if (seen.permission) return ['asking permission'];
  if (seen.question) return ['asking question'];
  if (own === undefined && resumed) return seen.busy ? [] : ['idle'];
  if (own === undefined || seen.home) return seen.busy ? [] : ['new'];
  if (seen.busy && seen.retrying) return ['retrying'];
  if (seen.busy) {
    const base = busyState(own, toolRuns);
    return base === undefined || !seen.queued ? (base ?? []) : [...base, 'queued'];
  }
  switch (own.outcome) {
    case 'failed':
      return ['error'];
    case 'length':
      return ['truncated'];
    case undefined:
      return own.answers === 0 ? [] : ['idle'];
    default:
      return ['idle'];
  }
}

/** Tools that the rig lets run on and on; every other one may be over before its end is heard of. */
const lasting: ReadonlySet<string | undefined> = new Set<Verb>([
  'run',
  'args',
  'fetch',
  'mcp',
  'task',
  'nest',
]);

/**
 * Whether a tool call that lasts surely runs: the pane shows it (its description, its page, its subagent), and it was
 * not let go. A subagent's ends with its last answer, before its parent's next request tells the model server so.
 */
export function runsTool(text: string, word: string | undefined, activities: Activities): boolean {
  if (word === undefined) return false;
  const own = activities.of(word);
  const isOver = own.verb === 'task' && activities.of(word, true).outcome === 'stop';
  const isShown = ['Sleeps for ', 'word=', 'helper '].some((before) => text.includes(`${before}${word}`));
  return isShown && !isOver && !own.released && !own.interrupted && lasting.has(own.verb);
}

/**
 * What the model server knows is ahead of opencode: until the pane shows the call, opencode may not have it yet, and a
 * call that does not last may be over.
 */
function busyState(own: Activity, toolRuns: boolean): Expected | undefined {
  if (own.compacting) return own.phase === 'none' ? undefined : ['compacting'];
  switch (own.phase) {
    case 'waiting':
    case 'reasoning':
      return ['thinking'];
    case 'text':
      return ['generating'];
    case 'arguments':
      return ['tool use', 'generating'];
    case 'none':
      if (own.outcome !== 'tool') return undefined;
      return toolRuns ? ['tool use'] : ['tool use', 'thinking'];
  }
}
