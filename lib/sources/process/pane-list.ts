import type { TmuxPane } from '../../domain/process/process.ts';
import { sanitize } from '../../text/sanitize.ts';

/** A pane with what ties a process to it. */
export interface SeenPane {
  readonly pane: TmuxPane;
  /** The terminal's name under `/dev`. */
  readonly tty: string;
  /** Its first process: the leader of the session its terminal belongs to. */
  readonly firstPid: number;
}

/**
 * Fields for `list-panes -F`. Names and titles are free text, and no control character is safe between them: tmux
 * replaces, drops or escapes them differently in 3.0, 3.3a, 3.4 and 3.6. `q:` (2.6 and newer) puts a backslash before
 * every space and quote instead, so that a bare space ends a field.
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

/** Splits at bare spaces and takes the backslashes off. */
function fieldsOf(line: string): readonly string[] {
  const fields = [''];
  for (let at = 0; at < line.length; at += 1) {
    const escaped = line[at] === '\\' && at + 1 < line.length;
    if (escaped) at += 1;
    if (line[at] === ' ' && !escaped) fields.push('');
    else fields.push((fields.pop() ?? '') + (line[at] ?? ''));
  }
  return fields;
}

function paneOf(line: string, socketPath: string, nowMs: number): readonly SeenPane[] {
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

/** Parses the output of `list-panes -a -F paneFormat`, read at `nowMs`; lines that do not fit are passed over. */
export function parsePanes(output: string, socketPath: string, nowMs: number): readonly SeenPane[] {
  return output.split('\n').flatMap((line) => paneOf(line, socketPath, nowMs));
}
