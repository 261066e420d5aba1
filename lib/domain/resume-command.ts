import type { Session } from './session.ts';

/** A word of a POSIX shell's command line, quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that resumes a session in its directory, to be pasted into a shell. */
export function resumeCommand({ id, directoryPath }: Session): string {
  const resume = `opencode -s ${shellWord(id)}`;
  return directoryPath === undefined ? resume : `cd ${shellWord(directoryPath)} && ${resume}`;
}
