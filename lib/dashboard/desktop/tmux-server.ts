import type { Run } from '../../system/run-program.ts';

/** A terminal that shows a tmux server's panes. */
export interface TmuxClient {
  readonly name: string;
  readonly tty: string;
  /** `$3`: what it is attached to. */
  readonly sessionId: string;
  /** The pane in front of it, which gets its keys. */
  readonly paneId: string;
  readonly activeAtSeconds: number;
}

/** A place of a pane; one that is linked into several sessions has several. */
export interface PanePlace {
  readonly paneId: string;
  readonly sessionId: string;
  readonly tty: string;
}

/** A tmux server, or the reason in words why it did not answer. */
export type TmuxAnswer =
  | { readonly kind: 'answer'; readonly clients: readonly TmuxClient[]; readonly panes: readonly PanePlace[] }
  | { readonly kind: 'none'; readonly why: string };

const clientFormat = 'client #{client_activity} #{session_id} #{pane_id} #{client_tty} #{client_name}';
const paneFormat = 'pane #{pane_id} #{session_id} #{pane_tty}';

/** Asks the server behind a socket for its clients and panes, with one command; never rejects. */
export async function askTmux(socketPath: string, run: Run, timeoutMs: number): Promise<TmuxAnswer> {
  const list = ['list-clients', '-F', clientFormat, ';', 'list-panes', '-a', '-F', paneFormat];
  const result = await run('tmux', ['-u', '-S', socketPath, ...list], { timeoutMs });
  if (result.kind === 'not found') return { kind: 'none', why: 'tmux is not installed here' };
  if (result.kind === 'timeout') return { kind: 'none', why: `tmux at ${socketPath} gives no answer` };
  if (result.kind === 'failed' || result.exitCode !== 0)
    return { kind: 'none', why: `no tmux runs at ${socketPath} any more` };
  const lines = result.stdout.split('\n').map((line) => line.split(' '));
  return {
    kind: 'answer',
    clients: lines.flatMap(([kind, activity, sessionId = '', paneId = '', tty = '', ...name]) =>
      kind === 'client'
        ? [{ name: name.join(' '), tty, sessionId, paneId, activeAtSeconds: Number(activity) }]
        : [],
    ),
    panes: lines.flatMap(([kind, paneId = '', sessionId = '', tty = '']) =>
      kind === 'pane' ? [{ paneId, sessionId, tty }] : [],
    ),
  };
}

/** Brings a pane in front of a client: its session, its window, the pane. False if tmux refuses or hangs. */
export async function showPane(
  { socketPath, paneId }: { readonly socketPath: string; readonly paneId: string },
  client: TmuxClient,
  run: Run,
  timeoutMs: number,
): Promise<boolean> {
  const args = ['-u', '-S', socketPath, 'switch-client', '-c', client.name, '-t', paneId];
  const result = await run('tmux', args, { timeoutMs });
  return result.kind === 'ended' && result.exitCode === 0;
}
