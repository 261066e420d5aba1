import type { Stage } from '../stage.ts';
import { broken } from './broken.ts';
import { flags, fork, project } from './flags.ts';
import { nested, orphan, run, serve } from './headless.ts';
import { httpFork } from './http-fork.ts';
import { inbox } from './inbox.ts';
import { newSession } from './new-session.ts';
import { npx, wrapper } from './npm.ts';
import { restart } from './restart.ts';
import { resumedTwins } from './resumed-twins.ts';
import { serverLag, servers } from './servers.ts';
import type { Story } from './story.ts';
import { switching } from './switching.ts';
import { takeover } from './takeover.ts';
import { together } from './together.ts';

/** The stories of opencode 1. */
export const stories: readonly Story[] = [
  newSession,
  switching,
  flags,
  fork,
  httpFork,
  project,
  resumedTwins,
  together,
  restart,
  takeover,
  broken,
  run,
  serve,
  nested,
  wrapper,
  npx,
  orphan,
  servers,
  serverLag,
  inbox,
];

/** The outcome of each played story. */
export type StoryOutcomes = ReadonlyMap<string, 'passed' | 'failed'>;

/** Returns the stories of one kind with these names, or all for `all`. */
export function chosenStories<T extends Named>(
  stories: readonly T[],
  names: readonly string[],
): readonly T[] {
  return names.includes('all') ? stories : stories.filter(({ name }) => names.includes(name));
}

interface Named {
  readonly name: string;
}

/** Plays stories one after the other, each without open panes. Counts a failed story and continues with the next. */
export async function playStories(stage: Stage, chosen: readonly Story[]): Promise<StoryOutcomes> {
  const { rig, report } = stage;
  const outcomes = new Map<string, 'passed' | 'failed'>();
  for (const story of chosen) {
    for (const pane of [...rig.panes]) await rig.close(pane);
    if (story.plays?.(rig.version) === false) {
      report.note(`story ${story.name}: not on ${rig.version}`);
      continue;
    }
    report.note(`story ${story.name}`);
    const failedBefore = report.tally.failed;
    await story
      .play(stage)
      .catch((error: Error) => report.check(false, `story ${story.name}: ${error.message}`));
    outcomes.set(story.name, report.tally.failed === failedBefore ? 'passed' : 'failed');
  }
  for (const pane of [...rig.panes]) await rig.close(pane);
  return outcomes;
}
