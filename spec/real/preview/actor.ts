import { setTimeout as sleep } from 'node:timers/promises';
import type { Activities, Activity } from '../activity.ts';
import type { Expected } from '../pane-text.ts';
import type { Api, Asking } from './api.ts';

/** A session of the preview that the rig plays with; it takes the place of a pane. */
export interface Actor {
  readonly index: number;
  readonly directory: string;
  sessionId: string;
  /** The word of the newest prompt that the service works on or has worked on; undefined in a new session. */
  word: string | undefined;
  /** Number of prompts of this actor, in all of its sessions. */
  prompts: number;
  /** The word of a prompt that waits in the session's queue. */
  queued: string | undefined;
}

/** What is true of an actor, and since when. */
export interface View {
  readonly expected: Expected;
  /** The service says that the session is at work; true also while it asks. */
  readonly active: boolean;
  readonly sinceMs: number;
  /** When the API was asked for it. */
  readonly atMs: number;
}

/** Polls the service's API. */
export interface Observer {
  /**
   * The newest view of an actor; undefined before the first one of its session and its prompt, and while the service does
   * not answer.
   */
  view(actor: Actor): View | undefined;
  /** Resolves when views are there of a poll that began after this call. */
  polled(): Promise<void>;
  stop(): Promise<void>;
}

/** Interval between two polls of the API. */
const pollMs = 150;

/** Starts to poll the API about `actors`, which may grow. */
export function observe(
  api: Api,
  actors: readonly Actor[],
  directories: readonly string[],
  activities: Activities,
): Observer {
  const views = new Map<Actor, View & Pick<Actor, 'sessionId' | 'word'> & { readonly key: string }>();
  let stopped = false;
  let polledAtMs = 0;
  const poll = async (): Promise<void> => {
    const atMs = Date.now();
    const active = await api.active();
    const asking = await api.asking(directories);
    const endMs = Date.now();
    for (const actor of actors) {
      const isActive = active.includes(actor.sessionId);
      const expected = expectedOf(actor, isActive, asking, activities);
      const { sessionId, word } = actor;
      const key = JSON.stringify([expected, isActive, sessionId, word]);
      const before = views.get(actor);
      const sinceMs = before?.key === key ? before.sinceMs : endMs;
      views.set(actor, { expected, active: isActive, sinceMs, atMs, key, sessionId, word });
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const startMs = Date.now();
      await poll().catch(() => views.clear());
      polledAtMs = startMs;
      await sleep(pollMs);
    }
  };
  const running = loop();
  return {
    view(actor) {
      const view = views.get(actor);
      const isOwn = view?.sessionId === actor.sessionId && view.word === actor.word;
      return isOwn ? view : undefined;
    },
    async polled() {
      const nowMs = Date.now();
      while (polledAtMs <= nowMs && !stopped) await sleep(20);
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/**
 * The right states of a session, from the API and from what the model server has sent (opencode-2.md, "States of the
 * builds"); empty between two states.
 */
function expectedOf(
  { sessionId, word, queued }: Actor,
  active: boolean,
  asking: Asking,
  activities: Activities,
): Expected {
  if (asking.permission.has(sessionId)) return ['asking permission'];
  if (asking.question.has(sessionId)) return ['asking question'];
  const own = word === undefined ? undefined : activities.of(word);
  if (active) {
    const states = own === undefined ? [] : busyStates(own);
    return queued !== undefined && states.length > 0 ? [...states, 'queued'] : states;
  }
  if (own === undefined) return ['new'];
  const states = restStates(own);
  return queued === undefined ? states : [...states, 'queued'];
}

function busyStates({ phase, outcome, verb }: Activity): Expected {
  switch (phase) {
    case 'waiting':
    case 'reasoning':
      return ['thinking'];
    case 'text':
      return ['generating'];
    case 'arguments':
      return ['tool use', 'generating'];
    case 'none':
      // Nothing tells the pause before another try from a slow first token.
      if (outcome === 'limited') return ['thinking', 'retrying'];
      return outcome === 'tool' && verb === 'run' ? ['tool use'] : [];
  }
}

function restStates({ phase, outcome, verb, interrupted }: Activity): Expected {
  if (phase !== 'none') return [];
  // An interrupt before the answer began leaves what a turn leaves that failed before the model was asked: the prompt.
  if (interrupted) return verb === 'wait' || verb === 'limit' ? ['error', 'idle'] : ['idle'];
  switch (outcome) {
    case 'failed':
    case 'limited':
      return ['error'];
    case 'length':
      return ['truncated'];
    case undefined:
      return ['error', 'idle'];
    default:
      return ['idle'];
  }
}
