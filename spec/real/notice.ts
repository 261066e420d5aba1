import { setTimeout as sleep } from 'node:timers/promises';
import { otopPath } from '../support/program.ts';
import { type Follower, startFollower } from './follower.ts';
import type { OtopRow } from './otop.ts';
import { readPane } from './pane-text.ts';
import type { Pane, Rig } from './rig.ts';
import type { Stage } from './stage.ts';

/** An event that is visible on a pane. */
interface Moment {
  readonly name: MomentName;
  /** True if the pane's text shows the event for the prompt with this word. */
  shown(text: string, word: string): boolean;
  /** otop's words for it: on the screen and as the JSON's status. */
  readonly words: readonly string[];
}

type MomentName = 'question' | 'permission' | 'first token' | 'finish' | 'error';

/** otop's output: the screen of a running dashboard, or the lines of `otop sessions --watch`. */
type Output = 'screen' | 'sessions';

/** Delays of otop for each moment, in ms after the pane showed it. */
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

/** Maximum median delays in ms (issue 5, item 5); opencode itself buffers its log for up to a second. */
const maxMs: Readonly<Record<MomentName, number>> = {
  question: 300,
  permission: 1500,
  'first token': 300,
  finish: 300,
  error: 300,
};

/** Maximum median delay with otop's plugin, to which opencode sends events at once. */
const maxWithPluginMs = 300;

/** Interval between two polls of a pane: the maximum error of a measured delay. */
const pollMs = 15;
/** opencode may miss an Enter; the rig presses it again after 15 s. */
const paneMs = 60_000;
const otopMs = 8_000;

/** Returns the median, the lower one of two; NaN for an empty array. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

async function untilTrue(what: string, maxMs: number, test: () => Promise<boolean>): Promise<number> {
  const endMs = performance.now() + maxMs;
  while (performance.now() < endMs) {
    if (await test()) return performance.now();
    await sleep(pollMs);
  }
  throw new Error(`waited ${maxMs / 1000} s for ${what}`);
}

/** A running dashboard, a follower, and the measured delays. */
interface Measuring {
  readonly stage: Stage;
  readonly dashboardId: string;
  readonly follower: Follower;
  readonly times: Map<MomentName, Record<Output, number[]>>;
}

/** Waits until the pane shows the moment and then until otop does; stores the delay. */
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

/** Plays a question, a permission, a stream with its end, and an error in one pane. */
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

/** Opens a dashboard in a new pane; resolves when it is drawn. */
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
 * Measures the delay until otop shows a change of a pane: on the screen of a running dashboard, and in the lines of
 * `otop sessions --watch`. Uses several panes at once, as in real use.
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
        middle <= (stage.plugin ? maxWithPluginMs : maxMs[name]),
        `${name} on the ${output} after ${Math.round(middle)} ms at the median, of ${list}`,
      );
    }
  }
  return measuring.times;
}
