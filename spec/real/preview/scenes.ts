import { promptText, promptWord } from '../script.ts';
import type { Actor } from './actor.ts';
import type { PreviewRig } from './rig.ts';

/** A situation of a session: how to start it and how to end it. */
export interface Scene {
  readonly name: string;
  /** The states of the scene by opencode-2.md, "States of the builds"; the API and the model server must show one. */
  readonly states: readonly string[];
  /** The scene wants a new session before it, or leaves one that no other scene can use. */
  readonly fresh?: 'before' | 'after';
  /** Creates the new session, if not as usual. */
  readonly model?: string;
  /** Starts the scene; resolves when the API and the model server show it. */
  begin(rig: PreviewRig, actor: Actor): Promise<void>;
  /** Ends the scene, so that the session is at rest; absent if it is already. */
  end?(rig: PreviewRig, actor: Actor): Promise<void>;
}

/** Sends a prompt with this script and a new word. */
export async function prompt(rig: PreviewRig, actor: Actor, steps: string): Promise<string> {
  const word = nextWord(rig, actor);
  await rig.api.prompt(actor.sessionId, promptText(word, steps));
  actor.word = word;
  return word;
}

function nextWord(rig: PreviewRig, actor: Actor): string {
  actor.prompts += 1;
  return promptWord('preview', rig.seed, actor.index, actor.prompts);
}

function isAtRest(rig: PreviewRig, actor: Actor): Promise<void> {
  return rig.until(actor, 'at rest', ({ active }) => !active);
}

async function release(rig: PreviewRig, actor: Actor): Promise<void> {
  if (actor.word !== undefined) rig.server.release(actor.word);
  await isAtRest(rig, actor);
}

async function interrupt(rig: PreviewRig, actor: Actor): Promise<void> {
  if (actor.word !== undefined) rig.server.activities.of(actor.word).interrupted = true;
  await rig.api.interrupt(actor.sessionId);
  await isAtRest(rig, actor);
}

async function allow(rig: PreviewRig, actor: Actor): Promise<void> {
  await rig.api.permit(actor.sessionId, 'once');
  await isAtRest(rig, actor);
}

const shows = (rig: PreviewRig, actor: Actor, state: string): Promise<void> =>
  rig.until(actor, state, ({ expected }) => expected.includes(state));

function scene(name: string, steps: string, state: string, end?: Scene['end']): Scene {
  return {
    name,
    states: [state],
    async begin(rig, actor) {
      const activity = rig.server.activities.of(await prompt(rig, actor, steps));
      await rig.until(actor, 'the model to be asked', () => activity.answers > 0);
      await shows(rig, actor, state);
    },
    ...(end === undefined ? {} : { end }),
  };
}

/** A scene that goes on after another state has been reached. */
function after(
  name: string,
  steps: string,
  first: string,
  then: (rig: PreviewRig, actor: Actor) => Promise<void>,
  rest: Pick<Scene, 'states' | 'end' | 'fresh'>,
): Scene {
  const { begin } = scene(name, steps, first);
  return {
    name,
    ...rest,
    async begin(rig, actor) {
      await begin(rig, actor);
      await then(rig, actor);
      await shows(rig, actor, rest.states[0] ?? 'idle');
    },
  };
}

/** Puts a prompt into the session's queue. */
async function queue(rig: PreviewRig, actor: Actor, steps: string): Promise<void> {
  const word = nextWord(rig, actor);
  await rig.api.prompt(actor.sessionId, promptText(word, steps), 'queue');
  actor.queued = word;
}

/** Ends the turn at work; resolves when the service works on the prompt from the queue. */
async function next(rig: PreviewRig, actor: Actor): Promise<void> {
  const { word, queued } = actor;
  if (word === undefined || queued === undefined) return;
  rig.server.release(word);
  await rig.until(actor, 'the queued prompt at work', () => rig.server.activities.of(queued).answers > 0);
  Object.assign(actor, { word: queued, queued: undefined });
}

const idle = { states: ['idle'] };

/** All situations of the preview that its API, its database or the model server shows. */
export const scenes: readonly Scene[] = [
  { name: 'a new session', states: ['new'], fresh: 'before', begin: async () => undefined },
  scene('finished', 'say', 'idle'),
  scene('before the first token', 'wait:90', 'thinking', release),
  scene('streaming', 'stream:90', 'generating', release),
  scene('reasoning', 'reason:90', 'thinking', release),
  scene('arguments of a tool', 'args:90', 'tool use', interrupt),
  scene('a command at work', 'run:90', 'tool use', interrupt),
  scene('a command that asks', 'ask', 'asking permission', allow),
  scene('two commands that ask', 'asks', 'asking permission', allow),
  scene('a question', 'question', 'asking question', async (rig, actor) => {
    await rig.api.answer(actor.sessionId, 'Postgres');
    await isAtRest(rig, actor);
  }),
  scene('todos, then text', 'todos stream:90', 'generating', release),
  scene('a refused key', 'fail:401', 'error'),
  scene('a refused request', 'fail', 'error'),
  scene('an answer cut off', 'cut', 'truncated'),
  scene('a rate limit', 'limit:30', 'thinking', interrupt),
  scene('a rate limit that lasts', 'limit:1', 'error'),
  after('interrupted', 'stream:90', 'generating', interrupt, idle),
  after('an interrupted command', 'run:90', 'tool use', interrupt, idle),
  after('interrupted before the first token', 'wait:90', 'thinking', interrupt, idle),
  after(
    'a rejected command',
    'ask',
    'asking permission',
    async (rig, actor) => {
      await rig.api.permit(actor.sessionId, 'reject');
      await isAtRest(rig, actor);
    },
    idle,
  ),
  after(
    'a rejected command, with a word on it',
    'ask stream:90',
    'asking permission',
    (rig, actor) => rig.api.permit(actor.sessionId, 'reject', 'in another way'),
    { states: ['generating'], end: release },
  ),
  after(
    'a dismissed question',
    'question',
    'asking question',
    async (rig, actor) => {
      await rig.api.answer(actor.sessionId, undefined);
      await isAtRest(rig, actor);
    },
    idle,
  ),
  after('a prompt in the queue', 'stream:90', 'generating', (rig, actor) => queue(rig, actor, 'say'), {
    states: ['generating', 'queued'],
    async end(rig, actor) {
      await next(rig, actor);
      await isAtRest(rig, actor);
    },
  }),
  after(
    'a prompt from the queue at work',
    'stream:90',
    'generating',
    async (rig, actor) => {
      await queue(rig, actor, 'stream:90');
      await next(rig, actor);
    },
    { states: ['generating'], end: release },
  ),
  after(
    'interrupted, with a prompt in the queue',
    'stream:90',
    'generating',
    async (rig, actor) => {
      await queue(rig, actor, 'say');
      await interrupt(rig, actor);
    },
    { states: ['idle', 'queued'], fresh: 'after' },
  ),
  {
    name: 'a model that is not there',
    states: ['error'],
    fresh: 'before',
    model: 'nowhere',
    async begin(rig, actor) {
      await prompt(rig, actor, 'say');
      await shows(rig, actor, 'error');
    },
  },
];
