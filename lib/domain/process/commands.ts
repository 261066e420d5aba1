import type { Row } from '../board/board.ts';
import type { Session } from '../session/session.ts';
import type { TmuxPane } from './process.ts';
import { isServer } from './process.ts';

/** The text as one word for a POSIX shell, quoted if necessary. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

type RowLocation = Pick<Row, 'host' | 'elsewhere' | 'process' | 'serverUrl'>;

/**
 * The command that resumes a row's session in its directory, to paste into a shell of this machine. For a session on a
 * server it attaches to the server, since a second opencode would not know what the first one does.
 */
export function resumeCommand(row: RowLocation, session: Session): string {
  const { id, directory, directoryPath } = session;
  const attach = attachToServer(row, session);
  if (attach !== undefined) return attach;
  const startDirectory = row.elsewhere ? directory : pasteable(directoryPath);
  const resume = `opencode -s ${shellWord(id)}`;
  const command = startDirectory === undefined ? resume : `cd ${shellWord(startDirectory)} && ${resume}`;
  return row.elsewhere?.by === 'ssh' ? overSsh(row.host, command) : command;
}

/** The command that runs another command on the host in a terminal over ssh. */
export function overSsh(host: string, command: string): string {
  return `ssh -t ${shellWord(host)} ${shellWord(command)}`;
}

/**
 * The command that views a row's session on its server, or the server itself if the row has no session. Undefined
 * without a server, and for opencode 2, whose viewers find their service themselves. 1.2.27 to 1.18.33 have `attach`; it
 * passes a directory that is missing on this machine to the server.
 */
export function attachToServer(row: RowLocation, session: Session | undefined): string | undefined {
  const url = row.serverUrl ?? ownServerUrl(row);
  if (url === undefined || session?.version?.startsWith('2.')) return undefined;
  const directory = pasteable(session?.directoryPath);
  const words = ['opencode', 'attach', url];
  if (directory !== undefined) words.push('--dir', directory);
  if (session !== undefined) words.push('-s', session.id);
  return words.map(shellWord).join(' ');
}

/** Undefined for a TUI with a port: it has its own terminal, and its sessions are resumed after its end. */
function ownServerUrl({ elsewhere, process }: RowLocation): string | undefined {
  const [port] = process?.ports ?? [];
  if (elsewhere || !process || port === undefined) return undefined;
  return isServer(process) || process.tty === undefined ? `http://127.0.0.1:${port}` : undefined;
}

/** Undefined for a path with control characters: a terminal handles them in a paste as keys, even when quoted. */
function pasteable(path: string | undefined): string | undefined {
  return path === undefined || /[\x00-\x1f\x7f-\x9f]/.test(path) ? undefined : path;
}

/** The command that attaches a terminal to a pane. Sockets in `folder` (`TMUX_TMPDIR`) get a short name. */
export function attachCommand(
  { socketPath, target, paneId }: Pick<TmuxPane, 'socketPath' | 'target' | 'paneId'>,
  folder = '/tmp',
): string {
  const [, parent, name] = /^(.*)\/tmux-\d+\/([^/]+)$/.exec(socketPath) ?? [];
  const isInFolder = name !== undefined && (parent === folder || parent === `/private${folder}`);
  const server = isInFolder
    ? name === 'default'
      ? ''
      : ` -L ${shellWord(name)}`
    : ` -S ${shellWord(socketPath)}`;
  // tmux does not find a session name with special characters under its displayed form.
  const targetOrId = /^[\w-]+:\d+\.\d+$/.test(target) ? target : paneId;
  return `tmux${server} attach -t ${shellWord(targetOrId)}`;
}
