import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Activity } from '../activity.ts';
import { openDashboard } from '../notice.ts';
import type { OtopRow } from '../otop.ts';
import type { StoryOutcomes } from '../stories/all.ts';
import { screenOf } from '../stories/inbox.ts';
import type { Actor } from './actor.ts';
import { prompt } from './scenes.ts';
import { until } from './service.ts';
import { type PreviewStage, strangersAmong } from './stage.ts';
import { readStored } from './truth.ts';

/** What happens to the preview and its sessions, beyond one session's scene. */
export interface PreviewStory {
  readonly name: string;
  play(stage: PreviewStage): Promise<void>;
}

/** Gives each script a session of its own, in different directories; resolves when each shows its state. */
async function cast(
  { preview }: PreviewStage,
  parts: readonly (readonly [steps: string, state: string])[],
): Promise<readonly Actor[]> {
  const { projects } = preview.rig.sandbox;
  const actors: Actor[] = [];
  for (const [index, [steps]] of parts.entries()) {
    const actor = await preview.enter(projects[index % projects.length] ?? '');
    await prompt(preview, actor, steps);
    actors.push(actor);
  }
  for (const [index, actor] of actors.entries()) {
    const [steps, state = ''] = parts[index] ?? [];
    await preview.until(actor, `${steps} to be ${state}`, ({ expected }) => expected.includes(state));
  }
  return actors;
}

/** An ask and its answer on the screen. */
interface Answer {
  readonly name: string;
  readonly steps: string;
  readonly state: string;
  /** The key in the open ask. */
  readonly key: string;
  /** The words in otop's log of answers. */
  readonly logged: string;
  /** The number of the model's answers at the end of the turn: a second one only if the ask was granted. */
  readonly answers: number;
  /** What the session's rows contain at the end. */
  readonly stored: string;
}

const permission = { steps: 'ask say', state: 'asking permission' };
const question = { steps: 'question say', state: 'asking question' };
const interrupted = 'Tool execution interrupted';

const answers: readonly Answer[] = [
  {
    name: 'a permission, once',
    ...permission,
    key: '1',
    logged: 'allowed once',
    answers: 2,
    stored: '"exit":0',
  },
  {
    name: 'a permission, rejected',
    ...permission,
    key: 'r',
    logged: 'rejected',
    answers: 1,
    stored: interrupted,
  },
  {
    name: 'a question, by option',
    ...question,
    key: '2',
    logged: 'answered SQLite',
    answers: 2,
    stored: '[["SQLite"]]',
  },
  {
    name: 'a question, dismissed',
    ...question,
    key: 'r',
    logged: 'dismissed',
    answers: 1,
    stored: interrupted,
  },
];

/** Answers permissions and questions on otop's screen; the model server and the rows say what came of it. */
const inbox: PreviewStory = {
  name: 'inbox',
  async play(stage) {
    const { preview, report } = stage;
    const { rig, api, server } = preview;
    const actors = await cast(
      stage,
      answers.map(({ steps, state }) => [steps, state] as const),
    );
    await stage.judge('four asks');
    const dashboard = await openDashboard(rig, '--delay 1');
    const screen = screenOf(rig, dashboard);
    const reached = await screen.untilReached('preview').then(
      () => true,
      (error: Error) => error.message,
    );
    report.check(reached === true, `the inbox reaches the service${reached === true ? '' : `: ${reached}`}`);
    for (const [index, { name, key, answers: wanted, stored }] of answers.entries()) {
      const actor = actors[index];
      if (actor?.word === undefined) continue;
      const activity = server.activities.of(actor.word);
      const answered = async (): Promise<void> => {
        if (reached !== true) throw new Error('the inbox is not reached');
        await screen.open(actor.word ?? '');
        await screen.press(key);
        await until(
          'the end of the turn',
          async () => !(await api.active()).includes(actor.sessionId),
          10_000,
        );
        const text = (await readStored(rig.sandbox)).get(actor.sessionId)?.text ?? '';
        if (!hasEnded(activity, wanted)) throw new Error(`the model was asked ${activity.answers} times`);
        if (!text.includes(stored)) throw new Error(`no ${stored} in its rows`);
      };
      await answered().then(
        () => report.check(true, `${name}: answered on the screen, and the turn is over`),
        (error: Error) => report.check(false, `${name}: ${error.message}`),
      );
    }
    await rig.close(dashboard);
    const log = await readFile(join(rig.sandbox.env.XDG_STATE_HOME ?? '', 'otop/answers.log'), 'utf8').catch(
      () => '',
    );
    const missing = answers.filter(({ logged }) => !log.includes(logged)).map(({ logged }) => logged);
    report.check(
      missing.length === 0,
      `every answer is in otop's log${missing.map((words) => `, not ${words}`).join('')}`,
    );
    for (const actor of actors)
      if ((await api.active()).includes(actor.sessionId)) await api.interrupt(actor.sessionId);
    await stage.judge('after the answers');
    preview.leave(actors);
  },
};

function hasEnded({ answers: asked, outcome, phase }: Activity, wanted: number): boolean {
  return asked === wanted && phase === 'none' && (wanted === 1 || outcome === 'stop');
}

/** What is at work when the service ends. */
const atWork = [
  ['stream:90', 'generating'],
  ['ask say', 'asking permission'],
  ['question say', 'asking question'],
  ['run:90', 'tool use'],
  ['say', 'idle'],
] as const;

/** Ends the service in mid-turn and starts it again: nothing is at work, nobody asks, and the next prompt runs there. */
function ending(
  name: string,
  how: (stage: PreviewStage) => Promise<void>,
  states: readonly string[],
): PreviewStory {
  return {
    name,
    async play(stage) {
      const { preview, report } = stage;
      const { rig, api, service } = preview;
      const actors = await cast(stage, atWork);
      await stage.judge(`before the service is ${name}`);
      const old = await service.pid();
      await how(stage);
      preview.leave(actors);
      const rests = (when: string): Promise<void> =>
        stage.expect([
          ...actors.map(({ sessionId }, index) => {
            const [steps, state] = atWork[index] ?? [];
            // One that had finished is idle however the service ends.
            const wanted = state === 'idle' ? ['idle'] : states;
            return {
              what: `${when}, ${steps} rests (${wanted.join(' or ')})`,
              test: (rows: readonly OtopRow[]) => {
                const own = rows.filter(({ session }) => session?.id === sessionId);
                const [row] = own;
                return own.length === 1 && row?.pid !== old && wanted.includes(row?.session?.status ?? '');
              },
            };
          }),
          {
            what: `${when}, nothing of the sandbox works`,
            test: (rows) => strangersAmong(rows, preview).length === 0,
          },
        ]);
      await rests(name);
      await service.start(rig.sandbox.home);
      await Promise.all(rig.sandbox.projects.map((directory) => api.open(directory)));
      await rests(`${name} and started again`);
      report.note(`the service was ${old} and is ${await service.pid()}`);
      const again = actors.slice(0, 2);
      const returned = await Promise.all(
        again.map(({ directory, sessionId }) => preview.enter(directory, sessionId)),
      );
      for (const actor of returned) {
        await prompt(preview, actor, 'stream:90');
        await preview.until(actor, 'a stream', ({ expected }) => expected.includes('generating'));
      }
      await stage.judge(`${name}, started again, and a prompt`);
      for (const actor of returned) {
        if (actor.word !== undefined) preview.server.release(actor.word);
        await preview.until(actor, 'at rest', ({ active }) => !active);
      }
      await stage.expect(
        returned.map(({ sessionId, index }) => ({
          what: `session ${index} is done`,
          test: (rows) => rows.find(({ session }) => session?.id === sessionId)?.session?.status === 'idle',
        })),
      );
      preview.leave(returned);
    },
  };
}

/** The stories of the preview, by name as those of opencode 1. */
export const previewStories: readonly PreviewStory[] = [
  inbox,
  // Its rows stay open, so the session may also be called stale.
  ending('killed', ({ preview }) => preview.service.kill(), ['idle', 'stale']),
  ending('stopped', ({ preview }) => preview.service.stop(), ['idle']),
];

/** Plays stories one after the other. Counts a failed story and continues with the next. */
export async function playPreviewStories(
  stage: PreviewStage,
  chosen: readonly PreviewStory[],
): Promise<StoryOutcomes> {
  const { preview, report } = stage;
  const outcomes = new Map<string, 'passed' | 'failed'>();
  for (const story of chosen) {
    report.note(`story ${story.name}`);
    const failedBefore = report.tally.failed;
    await story
      .play(stage)
      .catch((error: Error) => report.check(false, `story ${story.name}: ${error.message}`));
    preview.leave([...preview.actors]);
    outcomes.set(story.name, report.tally.failed === failedBefore ? 'passed' : 'failed');
  }
  return outcomes;
}
