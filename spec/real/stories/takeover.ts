import { home, type Story, say, shows } from './story.ts';

/** A second process resumes the first one's session and prompts it: then it is the runner. */
export const takeover: Story = {
  name: 'takeover',
  async play({ rig, judge, expect, sessionOf }) {
    const first = await rig.open({ directory: home(rig) });
    const word = await say(rig, first);
    const { id } = await sessionOf(word);
    const second = await rig.open({ directory: home(rig), command: `opencode -s ${id}`, sessionId: id });
    await shows(rig, second, word);
    await say(rig, second);
    const pid = rig.pidOf(second);
    await judge('taken over', { contested: [first] });
    await expect('the session has one runner: the one that was prompted last', (rows) => {
      const runners = rows.filter(({ session, pid: runner }) => session?.id === id && runner !== null);
      return runners.length === 1 && runners[0]?.pid === pid;
    });
  },
};
