import { home, type Story } from './story.ts';

/** The connection to the provider breaks at every request; opencode logs only the next request. */
export const broken: Story = {
  name: 'broken',
  async play({ rig, expect }) {
    const pane = await rig.open({ directory: home(rig) });
    await rig.prompt(pane, 'reset');
    await rig.until(pane, 'a retry', ({ seen }) => seen.retrying);
    const pid = rig.pidOf(pane);
    await expect('a broken connection is a retry, from its second attempt at the latest', (rows) => {
      return rows.find((row) => row.pid === pid)?.session?.status === 'retrying';
    });
    await rig.close(pane);
  },
};
