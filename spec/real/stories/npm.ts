import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { installWrapper } from '../install.ts';
import type { Stage } from '../stage.ts';
import { type Story, say } from './story.ts';

/** Creates a project with npm's `opencode-ai` installed and returns its directory. */
async function projectWithWrapper({ rig }: Stage, name: string): Promise<string> {
  const directory = join(rig.sandbox.home, name);
  await mkdir(directory);
  await symlink(join(await installWrapper(rig.version), 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

async function oneRow(stage: Stage, name: string, command: string): Promise<void> {
  const { rig, judge, expect } = stage;
  const directory = await projectWithWrapper(stage, name);
  const pane = await rig.open({ directory, command });
  await say(rig, pane);
  await judge(`${name}, and a prompt`);
  await expect(`${name}: one row, not one for each process around it`, (rows) => {
    return rows.filter(({ cwd, pid }) => cwd === directory && pid !== null).length === 1;
  });
}

/** npm's wrapper: a node script that starts the binary in 1.2.27, the binary itself in 1.18.33. */
export const wrapper: Story = {
  name: 'wrapper',
  play: (stage) => oneRow(stage, 'wrapper', 'node_modules/.bin/opencode'),
};

/** npx starts npm, a shell, and then the wrapper. */
export const npx: Story = {
  name: 'npx',
  play: (stage) => oneRow(stage, 'npx', 'npx --offline opencode'),
};
