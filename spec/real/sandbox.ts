import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A temporary home for opencode, which reads none of the user's files. */
export interface Sandbox {
  readonly root: string;
  readonly home: string;
  /** The complete environment of everything that the rig starts, both opencode and otop. */
  readonly env: Readonly<Record<string, string>>;
  /** The value of OTOP_RIG in that environment, which marks the rig's processes. */
  readonly mark: string;
  /** Path of opencode's database. */
  readonly databasePath: string;
  /** The project directories; most panes use the first one. */
  readonly projects: readonly string[];
  remove(): Promise<void>;
}

/** Creates the sandbox: home, XDG folders, configuration, the program on the PATH, project directories. */
export async function createSandbox(binary: string, configuration: object): Promise<Sandbox> {
  const root = await mkdtemp(join(tmpdir(), 'otop-rig-'));
  const home = join(root, 'home');
  const xdg = {
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_STATE_HOME: join(home, '.local/state'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
  };
  const projects = ['alpha', 'beta', 'gamma'].map((name) => join(home, name));
  const bin = join(root, 'bin');
  const tmux = join(root, 'tmux');
  for (const folder of [...Object.values(xdg), ...projects, bin, tmux])
    await mkdir(folder, { recursive: true });
  await symlink(binary, join(bin, basename(binary)));
  const configFolder = join(xdg.XDG_CONFIG_HOME, 'opencode');
  await mkdir(configFolder, { recursive: true });
  await writeFile(join(configFolder, 'opencode.json'), JSON.stringify(configuration, null, 2));
  return {
    root,
    home,
    mark: root,
    projects,
    databasePath: join(xdg.XDG_DATA_HOME, 'opencode/opencode.db'),
    env: {
      ...xdg,
      HOME: home,
      PATH: [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
      SHELL: '/bin/bash',
      LANG: 'C.UTF-8',
      TERM: 'screen-256color',
      TMUX_TMPDIR: tmux,
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OTOP_RIG: root,
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}
