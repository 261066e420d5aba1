import { shellWord } from './commands.ts';
import type { TmuxPane } from './process.ts';

/** The command that attaches a terminal to a pane; `folder` is `TMUX_TMPDIR`, whose sockets have short names. */
export function attachCommand(
  { socketPath, target, paneId }: Pick<TmuxPane, 'socketPath' | 'target' | 'paneId'>,
  folder = '/tmp',
): string {
  const [, parent, name] = /^(.*)\/tmux-\d+\/([^/]+)$/.exec(socketPath) ?? [];
  const isListed = name !== undefined && (parent === folder || parent === `/private${folder}`);
  const server = isListed
    ? name === 'default'
      ? ''
      : ` -L ${shellWord(name)}`
    : ` -S ${shellWord(socketPath)}`;
  // A session's name with signs in it would not be found as it is shown.
  const place = /^[\w-]+:\d+\.\d+$/.test(target) ? target : paneId;
  return `tmux${server} attach -t ${shellWord(place)}`;
}
