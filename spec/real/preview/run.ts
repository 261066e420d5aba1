import type { RigOptions } from '../options.ts';
import { randomFrom } from '../random.ts';
import type { Report } from '../report.ts';
import type { Rig } from '../rig.ts';
import { chosenStories, type StoryOutcomes } from '../stories/all.ts';
import { enterActors, playPreviewScenes, watchPreview } from './play.ts';
import { startPreview } from './rig.ts';
import { createPreviewStage, type PreviewStage } from './stage.ts';
import { playPreviewStories, previewStories } from './stories.ts';

/**
 * Plays all requested parts of the preview in order, and always ends its service. `--notice` and `--plugin` have no part
 * here. Resolves with the outcomes of the stories.
 */
export async function playPreview(rig: Rig, report: Report, options: RigOptions): Promise<StoryOutcomes> {
  const preview = await startPreview(rig);
  try {
    const stage = await createPreviewStage(preview, report, options);
    try {
      return await playAll(stage, options);
    } finally {
      stage.follower.stop();
    }
  } finally {
    await preview.stop();
  }
}

async function playAll(stage: PreviewStage, options: RigOptions): Promise<StoryOutcomes> {
  const { preview } = stage;
  const random = randomFrom(preview.seed);
  if (options.scenes || options.watchSeconds > 0) await enterActors(preview, options.panes, random);
  if (options.scenes) await playPreviewScenes(stage, random);
  if (options.watchSeconds > 0) await watchPreview(stage, options.watchSeconds);
  preview.leave([...preview.actors]);
  return playPreviewStories(stage, chosenStories(previewStories, options.stories));
}
