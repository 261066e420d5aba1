import { home, type Story, say, slash } from './story.ts';

/** `/new` in a pane: first it shows no session, then the next one. */
export const newSession: Story = {
  name: 'new',
  async play({ rig, judge }) {
    const pane = await rig.open({ directory: home(rig) });
    await say(rig, pane);
    await judge('before /new');
    await slash(rig, pane, '/new', (text) => /Ask anything/.test(text));
    pane.word = undefined;
    await judge('after /new, nothing typed', { untold: [pane] });
    await say(rig, pane);
    await judge('after /new and a prompt');
  },
};
