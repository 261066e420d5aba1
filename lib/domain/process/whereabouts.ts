import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Board, Elsewhere, Row } from '../board/board.ts';
import type { Session } from '../session/session.ts';
import { attachToServer, overSsh, resumeCommand, shellWord } from './commands.ts';
import type { TmuxPane } from './process.ts';

interface Whereabouts {
  readonly text: DisplayText;
  readonly command?: string;
}

/** The location of a process outside tmux as text, with the command that leads to it or its session, if any. */
export function whereabouts(row: Row): Whereabouts {
  const { host, elsewhere, process, session } = row;
  if (elsewhere) return onMachine(row, elsewhere);
  if (!process) {
    if (!session) return { text: sanitize('no process runs the session') };
    if (isElsewhere(session)) return hostedOn(host, attachToServer(row, session));
    const command = resumeCommand(row, session);
    return { text: sanitize(`no process runs the session; to resume it: ${command}`), command };
  }
  const { pid, orphan, tty, kind } = process;
  if (orphan) return { text: sanitize(`pid ${pid} has lost its terminal`) };
  if (tty !== undefined) return { text: sanitize(`pid ${pid} runs on ${tty}, which is not a tmux pane`) };
  const command = attachToServer(row, session);
  if (command === undefined) return { text: sanitize(`pid ${pid} (${kind}) has no terminal`) };
  return { text: sanitize(`pid ${pid} (${kind}) has no terminal: ${command}`), command };
}

/** For a session on a named server: the command attaches a viewer, if the server supports it. */
function hostedOn(host: string, command: string | undefined): Whereabouts {
  const text = `the session runs on ${host}`;
  return command === undefined
    ? { text: sanitize(text) }
    : { text: sanitize(`${text}: ${command}`), command };
}

/** For a row of another machine: the command uses ssh, if ssh reaches the machine. */
function onMachine(row: Row, { by, attach }: Elsewhere): Whereabouts {
  const { host, process } = row;
  const where = process?.pane ? `, in tmux ${process.pane.target}` : '';
  const text = `the session runs on ${host}${where}`;
  if (by !== 'ssh') return { text: sanitize(text) };
  const command = sshCommand(row, attach);
  return { text: sanitize(`${text}: ${command}`), command };
}

/** Leads to the row's pane, to a session without a process, or only to the machine. */
function sshCommand(row: Row, attach: string | undefined): string {
  const { host, process, session } = row;
  if (attach !== undefined) return overSsh(host, attach);
  return !process && session ? resumeCommand(row, session) : `ssh ${shellWord(host)}`;
}

/** True for a session of another host: it is in no database of this machine. */
export function isElsewhere({ databasePath }: Session): boolean {
  return databasePath === '';
}

/** The row's pane in this machine's tmux; undefined for other machines and without a pane. */
export function paneHere({ process, elsewhere }: Row): TmuxPane | undefined {
  return elsewhere ? undefined : process?.pane;
}

/** The names of other machines and of named servers, whose files and panes are not on this machine. */
export function otherHosts({ hosts }: Pick<Board, 'hosts'>): ReadonlySet<string> {
  return new Set(hosts.map(({ name }) => name));
}
