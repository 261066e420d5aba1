import type { Run } from '../../system/run-program.ts';

/** A terminal that shows a tmux server's panes. */
export interface TmuxClient {
  readonly name: string;
  readonly tty: string;
  /** The session it is attached to, such as `$3`. */
  readonly sessionId: string;
  /** The pane that it shows and that receives its keys. */
  readonly paneId: string;
  readonly activeAtSeconds: number;
}

/** A pane in a session; a pane whose window is linked into several sessions has several of these. */
export interface PaneLocation {
  readonly paneId: string;
  readonly sessionId: string;
  readonly tty: string;
}

/** The clients and panes of a tmux server, or the reason (in words) why they could not be listed. */
export type TmuxListing =
  | {
      readonly kind: 'listed';
      readonly clients: readonly TmuxClient[];
      readonly panes: readonly PaneLocation[];
    }
  | { readonly kind: 'none'; readonly why: string };

const clientFormat = 'client #{client_activity} #{session_id} #{pane_id} #{client_tty} #{client_name}';
const paneFormat = 'pane #{pane_id} #{session_id} #{pane_tty}';

/** Lists the clients and panes of the tmux server at a socket, with one command. Never rejects. */
export async function listTmux(socketPath: string, run: Run, timeoutMs: number): Promise<TmuxListing> {
  const list = ['list-clients', '-F', clientFormat, ';', 'list-panes', '-a', '-F', paneFormat];
  const result = await run('tmux', ['-u', '-S', socketPath, ...list], { timeoutMs });
  if (result.kind === 'not found') return { kind: 'none', why: 'tmux is not installed here' };
  if (result.kind === 'timeout') return { kind: 'none', why: `tmux at ${socketPath} does not answer` };
  if (result.kind === 'failed' || result.exitCode !== 0)
    return { kind: 'none', why: `no tmux runs at ${socketPath} any more` };
  const lines = result.stdout.split('\n').map((line) => line.split(' '));
  return {
    kind: 'listed',
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

/** Switches a client to a pane, with its session and window. Resolves to false if tmux refuses or hangs. */
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
