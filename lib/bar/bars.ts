import type { BarName } from '../config/options.ts';
import type { Context } from '../system/context.ts';
import type { Look, Wanted } from './change.ts';
import { shellWord } from './quoting.ts';
import { lookAtSwiftbar } from './swiftbar.ts';
import type { Talk } from './talk.ts';
import { isShownByTmux, isTmuxRunning, lookAtTmux, reloadTmux, takeOutOfTmux } from './tmux.ts';
import { lookAtWaybar } from './waybar.ts';

/** A status bar that otop can write itself into. */
export interface Bar {
  /** The one system that has it, with its name; absent if every system may. */
  readonly only?: { readonly platform: NodeJS.Platform; readonly system: string };
  /** The option that names its place. */
  readonly place: 'file' | 'folder';
  look(wanted: Wanted, context: Context): Look | Promise<Look>;
  /** What keeps an installed bar from being seen yet; absent if otop cannot tell. */
  hint?(path: string, context: Context): Promise<string | undefined>;
  /** Makes the change visible, as far as otop can, and says what is left to do. */
  afterInstall(path: string, talk: Talk, context: Context): Promise<void>;
  afterUninstall(path: string, talk: Talk, context: Context): Promise<void>;
}

const reloadCommand = (path: string) => `tmux source-file ${shellWord(path)}`;

/** All of them. */
export const bars: Readonly<Record<BarName, Bar>> = {
  tmux: {
    place: 'file',
    look: lookAtTmux,
    async hint(path, context) {
      if (!(await isTmuxRunning(context)) || (await isShownByTmux(context))) return undefined;
      return `The running tmux does not show it yet: ${reloadCommand(path)}`;
    },
    async afterInstall(path, talk, context) {
      const command = reloadCommand(path);
      if (!(await isTmuxRunning(context))) return talk.say('tmux shows it from its next start on.');
      if (!(await talk.asks(`Reload the running tmux: \`${command}\`?`)))
        return talk.say(`To reload tmux: ${command}`);
      talk.say(
        (await reloadTmux(path, context)) ? 'tmux shows it now.' : `tmux did not take it; see: ${command}`,
      );
    },
    async afterUninstall(_path, talk, context) {
      if (!(await isShownByTmux(context))) return;
      if (!(await talk.asks('Take it out of the running tmux, too?'))) {
        return talk.say('The running tmux shows it until it ends; to hide it: tmux set -gu @otop');
      }
      await takeOutOfTmux(context);
      talk.say('tmux no longer shows it.');
    },
  },
  swiftbar: {
    only: { platform: 'darwin', system: 'macOS' },
    place: 'folder',
    look: lookAtSwiftbar,
    async afterInstall(_path, talk) {
      talk.say("SwiftBar shows it by itself; to ask it at once: open -g 'swiftbar://refreshallplugins'");
      talk.say('If macOS 26 or later shows nothing: System Settings, Menu Bar, allow SwiftBar there.');
    },
    async afterUninstall(_path, talk) {
      talk.say('SwiftBar takes it out of the menu bar by itself.');
    },
  },
  waybar: {
    only: { platform: 'linux', system: 'Linux' },
    place: 'file',
    look: lookAtWaybar,
    async afterInstall(_path, talk) {
      talk.say('To reload waybar: pkill -USR2 -x waybar');
      talk.say('To give it room, in style.css: #custom-otop { padding: 0 8px; }');
      talk.say('Its classes there are needs-you, done, working, idle and trouble.');
    },
    async afterUninstall(_path, talk) {
      talk.say('To reload waybar: pkill -USR2 -x waybar');
    },
  },
};
