import type { Board, Row } from '../board/board.ts';
import type { Session } from '../session/session.ts';
import type { TmuxPane } from './process.ts';

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
