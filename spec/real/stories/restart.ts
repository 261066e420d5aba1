import { home, type Story, say } from './story.ts';

const working = ['generating', 'thinking', 'tool use', 'compacting', 'retrying', 'queued', 'asking'];

/** opencode is killed during a stream and started again in the same pane: the old session is not working any more. */
export const restart: Story = {
  name: 'restart',
  async play({ rig, judge, expect, sessionOf }) {
    const pane = await rig.open({ directory: home(rig) });
    const word = await rig.prompt(pane, 'stream:90');
    await rig.until(pane, 'a stream', ({ expected }) => expected.includes('generating'));
    await judge('streaming');
    await rig.end(pane);
    const { id } = await sessionOf(word);
    const left = 'the session of a killed process is not at work';
    await expect(left, (rows) => {
      const row = rows.find(({ session }) => session?.id === id);
      return row === undefined || (row.pid === null && !working.includes(row.session?.status ?? ''));
    });
    pane.word = undefined;
    await rig.start(pane, 'opencode');
    await judge('started again, nothing typed');
    await say(rig, pane);
    await judge('started again, and a prompt');
  },
};
