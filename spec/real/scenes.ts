import { setTimeout as sleep } from 'node:timers/promises';
import type { Pane, Rig } from './rig.ts';

/** A situation of a pane: how to start it and how to end it. */
export interface Scene {
  readonly name: string;
  /** The right states during the scene. */
  readonly states: readonly string[];
  /** Starts the scene; resolves when the pane shows it. */
  begin(rig: Rig, pane: Pane): Promise<void>;
  /** Ends the scene, so that the pane is idle; absent if the pane is already idle. */
  end?(rig: Rig, pane: Pane): Promise<void>;
}

/** Resolves when the pane is idle. */
function atRest(pane: Pane, rig: Rig): Promise<unknown> {
  return rig.until(
    pane,
    'a prompt at rest',
    ({ seen, expected }) => !seen.busy && !seen.permission && !seen.question && expected.length > 0,
    90_000,
  );
}

async function release(rig: Rig, pane: Pane): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    rig.release(pane);
    const rested = await rig.until(pane, 'rest', ({ seen }) => !seen.busy, 3_000).catch(() => undefined);
    if (rested !== undefined) break;
  }
  await atRest(pane, rig);
}

/** Presses Enter, which selects the first answer: "Allow once", or the question's first option. */
async function accept(rig: Rig, pane: Pane): Promise<void> {
  for (let asked = 0; asked < 4; asked += 1) {
    await rig.tmux.press(pane.id, 'Enter');
    const done = ({ seen }: { seen: { permission: boolean; question: boolean } }) =>
      !seen.permission && !seen.question;
    const gone = await rig.until(pane, 'no ask', done, 3_000).catch(() => undefined);
    if (gone !== undefined) break;
  }
  await atRest(pane, rig);
}

/** Presses Escape twice: the first one only asks for confirmation. Two at once would be read as Alt-Escape. */
async function interrupt(rig: Rig, pane: Pane): Promise<void> {
  if (pane.word !== undefined) rig.server.activities.of(pane.word).interrupted = true;
  for (let tries = 0; tries < 4; tries += 1) {
    await rig.tmux.press(pane.id, 'Escape');
    await sleep(400);
    await rig.tmux.press(pane.id, 'Escape');
    const quiet = await rig.until(pane, 'rest', ({ seen }) => !seen.busy, 4_000).catch(() => undefined);
    if (quiet !== undefined) break;
  }
  await atRest(pane, rig);
}

/** Types a prompt and waits until the pane shows one of the states. */
function prompted(steps: string, states: readonly string[]) {
  return async (rig: Rig, pane: Pane): Promise<void> => {
    await rig.prompt(pane, steps);
    await reached(rig, pane, states);
  };
}

async function reached(rig: Rig, pane: Pane, states: readonly string[]): Promise<void> {
  await rig.until(pane, states.join(' or '), ({ expected }) =>
    states.some((state) => expected.includes(state)),
  );
}

function scene(name: string, steps: string, state: string, end?: Scene['end']): Scene {
  const begin = prompted(steps, [state]);
  return { name, states: [state], begin, ...(end === undefined ? {} : { end }) };
}

/** All situations of opencode that are visible on a pane. */
export const scenes: readonly Scene[] = [
  scene('finished', 'say', 'idle'),
  scene('before the first token', 'wait:90', 'thinking', release),
  scene('streaming', 'stream:90', 'generating', release),
  scene('reasoning', 'reason:90', 'thinking', release),
  scene('an allowed command', 'run:90', 'tool use', interrupt),
  scene('a command that asks', 'ask', 'asking permission', accept),
  scene('two commands that ask', 'asks', 'asking permission', accept),
  scene('an edit that asks', 'edit', 'asking permission', accept),
  scene('a question', 'question', 'asking question', accept),
  scene('a subagent at work', 'task:run:90', 'tool use', interrupt),
  scene('a subagent that asks', 'task:ask', 'asking permission', accept),
  scene('a slow page', 'fetch:90', 'tool use', release),
  scene('a slow MCP tool', 'mcp:90', 'tool use', release),
  scene('todos, then text', 'todos stream:90', 'generating', release),
  scene('a rate limit', 'limit:20', 'retrying', interrupt),
  scene('a refused request', 'fail', 'error'),
  scene('an answer cut off', 'cut', 'truncated'),
  {
    name: 'interrupted',
    states: ['idle'],
    async begin(rig, pane) {
      await prompted('stream:90', ['generating'])(rig, pane);
      await interrupt(rig, pane);
    },
  },
  {
    name: 'a rejected command',
    states: ['idle'],
    async begin(rig, pane) {
      await prompted('ask', ['asking permission'])(rig, pane);
      await rig.tmux.press(pane.id, 'Escape');
      await atRest(pane, rig);
    },
  },
  {
    name: 'a prompt in the queue',
    states: ['generating', 'queued'],
    async begin(rig, pane) {
      await prompted('stream:90', ['generating'])(rig, pane);
      await rig.type(pane, 'and this too');
      await rig.until(pane, 'QUEUED', ({ seen }) => seen.queued);
    },
    end: release,
  },
  {
    name: 'compacting',
    states: ['compacting'],
    async begin(rig, pane) {
      await prompted('say', ['idle'])(rig, pane);
      await rig.type(pane, '/compact');
      await reached(rig, pane, ['compacting']);
    },
    end: release,
  },
];
