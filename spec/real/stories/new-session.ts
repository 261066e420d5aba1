import { setTimeout as sleep } from 'node:timers/promises';
import { home, type Story, say, slash } from './story.ts';

const isHome = (text: string): boolean => /Ask anything/.test(text);

/** `/new` in a pane: it shows no session, then the next one. */
export const newSession: Story = {
  name: 'new',
  async play({ rig, judge }) {
    const pane = await rig.open({ directory: home(rig) });
    await say(rig, pane);
    await judge('before /new');
    await slash(rig, pane, '/new', isHome);
    pane.word = undefined;
    // A TUI that is prompted too early never sets the title of its first session, so `OpenCode` proves nothing.
    await judge('after the first prompt and /new', { contested: [pane] });
    await say(rig, pane);
    await judge('after /new and a prompt');
    await sleep(16_000);
    await say(rig, pane);
    await slash(rig, pane, '/new', isHome);
    pane.word = undefined;
    await judge('after two prompts and /new', { untold: [pane] });
  },
};
