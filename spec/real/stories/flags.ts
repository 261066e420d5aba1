import { basename } from 'node:path';
import type { Stage } from '../stage.ts';
import { elsewhere, finishedSession, home, type Story, say, shows } from './story.ts';

/** Opens a pane with a command, judges it before and after a prompt. */
async function resumed(stage: Stage, command: string, session: { id: string; word: string }): Promise<void> {
  const { rig, judge } = stage;
  const pane = await rig.open({ directory: home(rig), command, sessionId: session.id });
  await shows(rig, pane, session.word);
  await judge(`${command}, nothing typed`);
  await say(rig, pane);
  await judge(`${command}, and a prompt`);
  await rig.close(pane);
}

/** `-s ID`, `--session=ID`, `-c`: only the arguments reveal the session until the first prompt. */
export const flags: Story = {
  name: 'flags',
  async play(stage) {
    const older = await finishedSession(stage);
    const newer = await finishedSession(stage);
    await resumed(stage, `opencode -s ${older.id}`, older);
    await resumed(stage, `opencode --session=${newer.id}`, newer);
    await resumed(stage, 'opencode -c', newer);
  },
};

/** `--fork`: the process runs another session than the one in its arguments. */
export const fork: Story = {
  name: 'fork',
  async play(stage) {
    const { rig, judge } = stage;
    const older = await finishedSession(stage);
    const pane = await rig.open({ directory: home(rig), command: `opencode -s ${older.id} --fork` });
    await shows(rig, pane, older.word);
    await say(rig, pane);
    await judge('--fork, and a prompt');
  },
};

/** `opencode DIRECTORY` from another directory: the process changes its working directory. */
export const project: Story = {
  name: 'project',
  async play({ rig, judge }) {
    const directory = elsewhere(rig);
    const pane = await rig.open({ directory: rig.sandbox.home, command: `opencode ${basename(directory)}` });
    pane.directory = directory;
    await judge('opencode PROJECT, nothing typed');
    await say(rig, pane);
    await judge('opencode PROJECT, and a prompt');
  },
};
