import { type DisplayText, sanitize } from '../text/sanitize.ts';
import type { Row } from './board.ts';
import { isElsewhere } from './elsewhere.ts';
import { resumeCommand } from './resume-command.ts';

/** Where a process outside tmux is, in words, and the command that leads to it or to its session, if there is one. */
export function whereabouts({ host, elsewhere, process, session }: Row): {
  readonly text: DisplayText;
  readonly command?: string;
} {
  if (elsewhere) {
    const where = process?.pane ? `, in tmux ${process.pane.target}` : '';
    return { text: sanitize(`it runs on ${host}${where}`) };
  }
  if (!process) {
    if (!session) return { text: sanitize('no process runs it') };
    if (isElsewhere(session)) return { text: sanitize(`it runs on ${host}`) };
    const command = resumeCommand(session);
    return { text: sanitize(`no process runs it; to resume: ${command}`), command };
  }
  const { pid, orphan, tty, kind, ports } = process;
  if (orphan) return { text: sanitize(`pid ${pid} has lost its terminal`) };
  if (tty !== undefined) return { text: sanitize(`pid ${pid} runs on ${tty}, which is no tmux pane`) };
  const [port] = ports;
  if (port === undefined) return { text: sanitize(`pid ${pid} (${kind}) has no terminal`) };
  const command = `opencode attach http://127.0.0.1:${port}`;
  return { text: sanitize(`pid ${pid} (${kind}) has no terminal: ${command}`), command };
}
