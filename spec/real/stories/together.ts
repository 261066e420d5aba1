import { home, type Story, say } from './story.ts';

/** Up to 1.15, a log's name is the second of its creation. */
const hasOwnLog = (version: string): boolean => /^1\.([0-9]|1[0-5])\./.test(version);

/** Three opencodes start in the same second, as in a restored tmux: up to 1.15 they write the same log. */
export const together: Story = {
  name: 'together',
  async play({ rig, judge }) {
    const panes = await Promise.all([1, 2, 3].map(() => rig.open({ directory: home(rig) })));
    for (const pane of panes) await say(rig, pane);
    const untold = hasOwnLog(rig.version) ? panes : [];
    await judge('started together, prompted one after the other', { untold });
    for (const pane of panes.toReversed()) await say(rig, pane);
    await judge('prompted again, in another order', { untold });
  },
};
