import { finishedSession, home, type Story, shows } from './story.ts';

/** Two idle opencodes in one directory, each with its own resumed session, and a third one without a prompt. */
export const resumedTwins: Story = {
  name: 'twins',
  async play(stage) {
    const { rig, judge } = stage;
    const sessions = [await finishedSession(stage), await finishedSession(stage)];
    for (const { id, word } of sessions) {
      const pane = await rig.open({ directory: home(rig), command: `opencode -s ${id}`, sessionId: id });
      await shows(rig, pane, word);
    }
    await rig.open({ directory: home(rig) });
    await judge('two resumed, one fresh, all idle');
  },
};
