import type { Row } from './board.ts';
import type { Session } from './session.ts';

/** A word of a POSIX shell's command line, quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that resumes a row's session in its directory, to be pasted into a shell of this machine. */
export function resumeCommand(row: Pick<Row, 'host' | 'elsewhere'>, session: Session): string {
  const { id, directory, directoryPath } = session;
  const place = row.elsewhere ? directory : directoryPath;
  const resume = `opencode -s ${shellWord(id)}`;
  const command = place === undefined ? resume : `cd ${shellWord(place)} && ${resume}`;
  return row.elsewhere?.by === 'ssh' ? overSsh(row.host, command) : command;
}

/** The command that runs another in a terminal of a machine that ssh knows. */
export function overSsh(host: string, command: string): string {
  return `ssh -t ${shellWord(host)} ${shellWord(command)}`;
}
