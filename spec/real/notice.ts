import { setTimeout as sleep } from 'node:timers/promises';
import { otopPath } from '../support/program.ts';
import { type Follower, startFollower } from './follower.ts';
import type { OtopRow } from './otop.ts';
import { readPane } from './pane-text.ts';
import type { Pane, Rig } from './rig.ts';
import type { Stage } from './stage.ts';

/** Something that can be seen to happen on a pane. */
interface Moment {
  readonly name: MomentName;
  /** Whether the pane's text shows it, of the prompt with this word. */
  shown(text: string, word: string): boolean;
  /** What otop may call it: the screen's word, and the JSON's status. */
  readonly words: readonly string[];
}

type MomentName = 'question' | 'permission' | 'first token' | 'finish' | 'error';

/** Where otop is looked at: on the screen of a dashboard that runs, or in what `otop sessions --watch` tells. */
type Output = 'screen' | 'sessions';

/** How long otop took to show each moment, in milliseconds from when the pane showed it. */
export type Notices = ReadonlyMap<MomentName, Readonly<Record<Output, readonly number[]>>>;

const moments: Readonly<Record<MomentName, Moment>> = {
  question: {
    name: 'question',
    shown: (text, word) => text.includes(`Which database for ${word}?`) && readPane(text).question,
    words: ['question'],
  },
  permission: {
    name: 'permission',
    shown: (text) => readPane(text).permission,
    words: ['permission'],
  },
  'first token': {
    name: 'first token',
    shown: (text, word) => text.includes(`word 0 of ${word}`),
    words: ['generating'],
  },
  finish: {
    name: 'finish',
    shown: (text, word) => text.includes(`All done for ${word}`) && !readPane(text).busy,
    words: ['idle', 'done'],
  },
  error: {
    name: 'error',
    shown: (text, word) => text.includes(`bad request of ${word}`) && !readPane(text).busy,
    words: ['error'],
  },
};

/** Most milliseconds at the median (issue 5, item 5); opencode itself holds its log back for up to a second. */
const mostMs: Readonly<Record<MomentName, number>> = {
  question: 300,
  permission: 1500,
  'first token': 300,
  finish: 300,
  error: 300,
};

/** With otop's plugin, which opencode tells at once. */
const mostWithPluginMs = 300;

/** Between two looks at a pane: what is measured is this much too late at the most. */
const lookMs = 15;
/** opencode may miss an Enter, which is pressed again after 15 s. */
const paneMs = 60_000;
const otopMs = 8_000;

/** The middle one of some numbers; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

async function untilTrue(what: string, mostMs: number, test: () => Promise<boolean>): Promise<number> {
  const endMs = performance.now() + mostMs;
  while (performance.now() < endMs) {
    if (await test()) return performance.now();
    await sleep(lookMs);
  }
  throw new Error(`waited ${mostMs / 1000} s for ${what}`);
}

/** A dashboard that runs in a pane of its own, and the collection of what it notices. */
interface Measuring {
  readonly stage: Stage;
  readonly dashboardId: string;
  readonly follower: Follower;
  readonly times: Map<MomentName, Record<Output, number[]>>;
}

/** Waits until the pane shows the moment and then until otop does; keeps the time between. */
async function notice(measuring: Measuring, pane: Pane, word: string, name: MomentName): Promise<void> {
  const { stage, dashboardId, follower, times } = measuring;
  const { tmux } = stage.rig;
  const { shown, words } = moments[name];
  const pid = stage.rig.pidOf(pane);
  const seenMs = await untilTrue(`${name} on pane ${pane.index}`, paneMs, async () => {
    const [text = ''] = await tmux.capture([pane.id]);
    return shown(text, word);
  });
  const onScreen = async (): Promise<boolean> => {
    const [text = ''] = await tmux.capture([dashboardId]);
    const line = text.split('\n').find((each) => each.includes(` ${pane.target} `)) ?? '';
    return words.some((each) => line.slice(0, 20).includes(each));
  };
  const told = async (): Promise<boolean> => {
    const row = follower.rows().find((each) => each.pid === pid);
    return words.some((each) => each === wordOf(row));
  };
  const kept = times.get(name) ?? { screen: [], sessions: [] };
  times.set(name, kept);
  const outputs = { screen: onScreen, sessions: told } as const;
  await Promise.all(
    (['screen', 'sessions'] as const).map(async (output) => {
      const what = `${name} of pane ${pane.index} on otop's ${output}`;
      kept[output].push((await untilTrue(what, otopMs, outputs[output])) - seenMs);
    }),
  );
}

function wordOf(row: OtopRow | undefined): string | undefined {
  const { session } = row ?? {};
  return session?.status === 'asking' ? (session.asking_for ?? undefined) : session?.status;
}

/** One pane through a question, a permission, a stream with its end, and an error. */
async function once(measuring: Measuring, pane: Pane): Promise<void> {
  const { rig } = measuring.stage;
  const wait = (word: string, name: MomentName) => notice(measuring, pane, word, name);
  const first = rig.nextWord(pane);
  await Promise.all([rig.prompt(pane, 'question ask stream:2'), wait(first, 'question')]);
  await Promise.all([rig.tmux.press(pane.id, 'Enter'), wait(first, 'permission')]);
  await Promise.all([rig.tmux.press(pane.id, 'Enter'), wait(first, 'first token')]);
  await wait(first, 'finish');
  const second = rig.nextWord(pane);
  await Promise.all([rig.prompt(pane, 'fail'), wait(second, 'error')]);
}

/** Opens a dashboard in a pane of its own; resolves once it is drawn. */
export async function openDashboard(rig: Rig, options = '--delay 60'): Promise<Pane> {
  const dashboard = await rig.shell({ directory: rig.sandbox.home, columns: 200, lines: 60 });
  await rig.type(dashboard, `${process.execPath} ${otopPath} ${options}`);
  await untilTrue('the dashboard', paneMs, async () => {
    const [text = ''] = await rig.tmux.capture([dashboard.id]);
    return text.includes('STATUS');
  });
  return dashboard;
}

/**
 * Measures how soon otop shows what a pane shows: on the screen of a running dashboard, and in the lines of
 * `otop sessions --watch`. Several panes at once, since otop has more than one to look at.
 */
export async function measureNotices(stage: Stage, rounds: number, paneCount: number): Promise<Notices> {
  const { rig, report } = stage;
  const dashboard = await openDashboard(rig);
  const follower = await startFollower(rig);
  const measuring: Measuring = { stage, dashboardId: dashboard.id, follower, times: new Map() };
  const panes = rig.panes.slice(0, paneCount);
  for (let round = 0; round < rounds; round += 1) {
    const all = panes.map((pane) =>
      once(measuring, pane).catch((error: Error) => report.check(false, `noticing: ${error.message}`)),
    );
    await Promise.all(all);
  }
  follower.stop();
  await rig.tmux.press(dashboard.id, 'q');
  await rig.close(dashboard);
  for (const [name, times] of measuring.times) {
    for (const output of ['screen', 'sessions'] as const) {
      const middle = median(times[output]);
      const list = times[output].map((ms) => Math.round(ms)).join(' ');
      report.check(
        middle <= (stage.plugin ? mostWithPluginMs : mostMs[name]),
        `${name} on the ${output} after ${Math.round(middle)} ms at the median, of ${list}`,
      );
    }
  }
  return measuring.times;
}
