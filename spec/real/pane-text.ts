import type { Activities, Activity } from './activity.ts';
import type { Verb } from './script.ts';

/** The visible state of a pane, from its text only. */
export interface Seen {
  readonly permission: boolean;
  readonly question: boolean;
  readonly busy: boolean;
  readonly queued: boolean;
  readonly retrying: boolean;
  /** opencode's home screen, at its start and after /new. */
  readonly home: boolean;
  /** Any opencode screen. */
  readonly opencode: boolean;
}

/** Also matches the progress bar, since a narrow pane wraps the words. */
const busyPattern = /esc (again to )?interrupt|[⬝■]{6}/;

/** Reads a pane's text. opencode's phrases are the same from 1.2.27 to 1.18.33. */
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

/** The right states for a pane; empty while the pane is between two states. */
export type Expected = readonly string[];

/**
 * Returns the right states for a pane, from its text and, if the text only says "busy" or nothing, from what the model
 * server has sent. `asking` includes the kind of ask. `resumed` is true if the pane was opened on an idle session.
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

/** Tools that run until the rig ends them; other tools may have ended before the rig knows it. */
const lasting: ReadonlySet<string | undefined> = new Set<Verb>([
  'run',
  'args',
  'fetch',
  'mcp',
  'task',
  'nest',
]);

/**
 * True if a long tool call is running for sure: the pane shows it (its description, its page, its subagent), and the rig
 * has not released it. A subagent's call ends with its last answer, before the parent's next request.
 */
export function runsTool(text: string, word: string | undefined, activities: Activities): boolean {
  if (word === undefined) return false;
  const own = activities.of(word);
  const isOver = own.verb === 'task' && activities.of(word, true).outcome === 'stop';
  const isShown = ['Sleeps for ', 'word=', 'helper '].some((before) => text.includes(`${before}${word}`));
  return isShown && !isOver && !own.released && !own.interrupted && lasting.has(own.verb);
}

/**
 * The model server is ahead of opencode: until the pane shows a call, opencode may not have it yet, and a short call may
 * be over.
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
