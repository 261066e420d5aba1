import type { Row } from '../board/board.ts';
import type { Session } from '../session/session.ts';
import type { TmuxPane } from './process.ts';
import { isServer } from './process.ts';

/** A word of a POSIX shell's command line, quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

type Place = Pick<Row, 'host' | 'elsewhere' | 'process' | 'serverUrl'>;

/**
 * The command that resumes a row's session in its directory, to be pasted into a shell of this machine. What a server
 * hosts is viewed there: a second opencode on the session would not know what the first one does.
 */
export function resumeCommand(row: Place, session: Session): string {
  const { id, directory, directoryPath } = session;
  const attach = attachToServer(row, session);
  if (attach !== undefined) return attach;
  const place = row.elsewhere ? directory : pasteable(directoryPath);
  const resume = `opencode -s ${shellWord(id)}`;
  const command = place === undefined ? resume : `cd ${shellWord(place)} && ${resume}`;
  return row.elsewhere?.by === 'ssh' ? overSsh(row.host, command) : command;
}

/** The command that runs another in a terminal of a machine that ssh knows. */
export function overSsh(host: string, command: string): string {
  return `ssh -t ${shellWord(host)} ${shellWord(command)}`;
}

/**
 * The command that views a row's session on the server that hosts it, or the server where the row has none; undefined where
 * no server does, and for opencode 2, whose viewers find their service themselves. 1.2.27 to 1.18.33 have `attach`, which
 * hands a directory that is not here on to the server.
 */
export function attachToServer(row: Place, session: Session | undefined): string | undefined {
  const url = row.serverUrl ?? ownServerUrl(row);
  if (url === undefined || session?.version?.startsWith('2.')) return undefined;
  const directory = pasteable(session?.directoryPath);
  const words = ['opencode', 'attach', url];
  if (directory !== undefined) words.push('--dir', directory);
  if (session !== undefined) words.push('-s', session.id);
  return words.map(shellWord).join(' ');
}

/** A TUI that listens has a terminal of its own, and its sessions are resumed when it has ended. */
function ownServerUrl({ elsewhere, process }: Place): string | undefined {
  const [port] = process?.ports ?? [];
  if (elsewhere || !process || port === undefined) return undefined;
  return isServer(process) || process.tty === undefined ? `http://127.0.0.1:${port}` : undefined;
}

/** A terminal takes control characters of a paste for keys, however they are quoted: such a directory is left out. */
function pasteable(path: string | undefined): string | undefined {
  return path === undefined || /[\x00-\x1f\x7f-\x9f]/.test(path) ? undefined : path;
}

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
