import { home, type Story, say, slash } from './story.ts';

/** A switch to an older session in the session list: only the pane's title reveals it, nothing on disk. */
export const switching: Story = {
  name: 'switch',
  async play({ rig, judge, sessionOf }) {
    const pane = await rig.open({ directory: home(rig) });
    const first = await say(rig, pane);
    await slash(rig, pane, '/new', (text) => /Ask anything/.test(text));
    const second = await say(rig, pane);
    await judge('in the second session');
    await slash(rig, pane, '/sessions', (text) => /Sessions/.test(text) && text.includes(second));
    await rig.tmux.press(pane.id, '-l', first);
    const listed = new RegExp(`(Repair|修理|Title of) ${second}`);
    await rig.until(pane, 'only the first in the list', ({ text }) => !listed.test(text), 10_000);
    await rig.tmux.press(pane.id, 'Enter');
    await rig.until(
      pane,
      'the first session',
      ({ text }) => text.includes(`${first} please`) && !text.includes('Sessions'),
    );
    pane.word = undefined;
    pane.sessionId = (await sessionOf(first)).id;
    await judge('switched back to the first', { untold: [pane] });
    await say(rig, pane);
    await judge('and typed there');
  },
};
