import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Board, Elsewhere, Row } from '../board/board.ts';
import type { Session } from '../session/session.ts';
import { attachToServer, overSsh, resumeCommand, shellWord } from './commands.ts';
import type { TmuxPane } from './process.ts';

interface Whereabouts {
  readonly text: DisplayText;
  readonly command?: string;
}

/** Where a process outside tmux is, in words, and the command that leads to it or to its session, if there is one. */
export function whereabouts(row: Row): Whereabouts {
  const { host, elsewhere, process, session } = row;
  if (elsewhere) return onMachine(row, elsewhere);
  if (!process) {
    if (!session) return { text: sanitize('no process runs it') };
    if (isElsewhere(session)) return hostedOn(host, attachToServer(row, session));
    const command = resumeCommand(row, session);
    return { text: sanitize(`no process runs it; to resume: ${command}`), command };
  }
  const { pid, orphan, tty, kind } = process;
  if (orphan) return { text: sanitize(`pid ${pid} has lost its terminal`) };
  if (tty !== undefined) return { text: sanitize(`pid ${pid} runs on ${tty}, which is no tmux pane`) };
  const command = attachToServer(row, session);
  if (command === undefined) return { text: sanitize(`pid ${pid} (${kind}) has no terminal`) };
  return { text: sanitize(`pid ${pid} (${kind}) has no terminal: ${command}`), command };
}

/** On a server that the person named: a viewer of it, where it can be viewed so. */
function hostedOn(host: string, command: string | undefined): Whereabouts {
  const text = `it runs on ${host}`;
  return command === undefined
    ? { text: sanitize(text) }
    : { text: sanitize(`${text}: ${command}`), command };
}

/** On another machine: the way there where ssh is one. */
function onMachine(row: Row, { by, attach }: Elsewhere): Whereabouts {
  const { host, process } = row;
  const where = process?.pane ? `, in tmux ${process.pane.target}` : '';
  const text = `it runs on ${host}${where}`;
  if (by !== 'ssh') return { text: sanitize(text) };
  const command = sshCommand(row, attach);
  return { text: sanitize(`${text}: ${command}`), command };
}

/** To its pane, to a session that nobody runs, or just to the machine. */
function sshCommand(row: Row, attach: string | undefined): string {
  const { host, process, session } = row;
  if (attach !== undefined) return overSsh(host, attach);
  return !process && session ? resumeCommand(row, session) : `ssh ${shellWord(host)}`;
}

/** True for a session that is in no database of this machine: another host has it, and runs it. */
export function isElsewhere({ databasePath }: Session): boolean {
  return databasePath === '';
}

/** The tmux pane of a row that this machine's tmux knows. */
export function paneHere({ process, elsewhere }: Row): TmuxPane | undefined {
  return elsewhere ? undefined : process?.pane;
}

/** The names of other machines and of named servers: none of their files and panes is here. */
export function otherHosts({ hosts }: Pick<Board, 'hosts'>): ReadonlySet<string> {
  return new Set(hosts.map(({ name }) => name));
}
