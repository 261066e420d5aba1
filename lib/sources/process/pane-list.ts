import type { TmuxPane } from '../../domain/process/process.ts';
import { sanitize } from '../../text/sanitize.ts';

/** A pane, with the terminal and the pid that link a process to it. */
export interface ListedPane {
  readonly pane: TmuxPane;
  /** The name of its terminal under `/dev`. */
  readonly tty: string;
  /** The pid of its first process, which leads the session of the terminal. */
  readonly firstPid: number;
}

/**
 * The fields for `list-panes -F`. Names and titles are free text, and no control character can separate them: tmux 3.0,
 * 3.3a, 3.4 and 3.6 replace, drop or escape those differently. `q:` (2.6 and newer) puts a backslash before each space
 * and quote, so a space without a backslash ends a field.
 */
export const paneFormat = [
  ...[
    '#{pane_id}',
    '#{pane_pid}',
    '#{pane_tty}',
    '#{pane_active}',
    '#{window_active}',
    '#{session_attached}',
  ],
  ...['#{window_index}', '#{pane_index}', '#{q:session_name}', '#{q:window_name}', '#{q:pane_title}'],
].join(' ');

/** Splits a line at spaces without a backslash, and removes the backslashes. */
function fieldsOf(line: string): readonly string[] {
  const fields = [''];
  for (let at = 0; at < line.length; at += 1) {
    const isEscaped = line[at] === '\\' && at + 1 < line.length;
    if (isEscaped) at += 1;
    if (line[at] === ' ' && !isEscaped) fields.push('');
    else fields.push((fields.pop() ?? '') + (line[at] ?? ''));
  }
  return fields;
}

function paneOf(line: string, socketPath: string, nowMs: number): readonly ListedPane[] {
  const [id, pid, tty, paneActive, windowActive, attached, window, index, session, name, ...title] =
    fieldsOf(line);
  if (!id?.startsWith('%') || !tty?.startsWith('/dev/') || title.length === 0) return [];
  const pane = {
    socketPath,
    paneId: id,
    target: sanitize(`${session}:${window}.${index}`),
    windowName: sanitize(name ?? ''),
    title: sanitize(title.join(' ')),
    titleAtMs: nowMs,
    active: paneActive === '1' && windowActive === '1' && Number(attached) > 0,
  };
  return [{ pane, tty: tty.slice('/dev/'.length), firstPid: Number(pid) }];
}

/** Parses the output of `list-panes -a -F paneFormat`, read at `nowMs`. Lines of another form are ignored. */
export function parsePanes(output: string, socketPath: string, nowMs: number): readonly ListedPane[] {
  return output.split('\n').flatMap((line) => paneOf(line, socketPath, nowMs));
}
