import { realpathSync } from 'node:fs';
import type { Row } from '../../domain/board/board.ts';
import { attachCommand } from '../../domain/process/commands.ts';
import type { TmuxPane } from '../../domain/process/process.ts';
import { paneHere, whereabouts } from '../../domain/process/whereabouts.ts';
import type { Run } from '../../system/run-program.ts';
import type { Environment } from '../../system/surroundings.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { listTmux, type PaneLocation, showPane, type TmuxClient } from './tmux-server.ts';

/** The environment and functions that a jump uses. */
export interface JumpContext {
  /** For `TMUX`, `TMUX_PANE` and `TMUX_TMPDIR`. */
  readonly env: Environment;
  readonly run: Run;
  readonly monotonicMs: () => number;
}

/** The result of a jump, in words. If no client was switched, `command` may say what the user can type instead. */
export type Jump =
  | { readonly kind: 'jumped'; readonly text: DisplayText }
  | {
      readonly kind: 'stayed';
      readonly text: DisplayText;
      readonly command?: string;
      /** The row is stale: the next poll may find the pane's new location. */
      readonly outdated?: true;
    };

/** The time limit for all tmux commands of one jump together. */
const timeoutMs = 1000;

/** otop's own place in tmux, from `TMUX` and `TMUX_PANE`. */
interface OwnTmux {
  readonly socketPath: string;
  /** The pane that otop was started in; undefined in a popup. */
  readonly paneId: string | undefined;
  readonly sessionId: string;
}

/**
 * Brings the row's tmux pane to the front:
 * - If the pane is on otop's own tmux server, switches the client that shows otop to it.
 * - If it is on another server, switches that server's only client, or the only one attached to the pane's session.
 *   If that client itself runs in a pane of otop's server, switches otop's client to that pane too.
 * - Otherwise switches nothing; the text says where the process is and how to get there.
 *
 * Takes at most one second. Never rejects.
 */
export async function jumpTo(row: Row, context: JumpContext): Promise<Jump> {
  const pane = paneHere(row);
  return pane ? await new PaneJump(pane, context).jump() : { kind: 'stayed', ...whereabouts(row) };
}

class PaneJump {
  readonly #pane: TmuxPane;
  readonly #context: JumpContext;
  readonly #own: OwnTmux | undefined;
  readonly #deadlineMs: number;

  constructor(pane: TmuxPane, context: JumpContext) {
    this.#pane = pane;
    this.#context = context;
    this.#own = ownTmux(context.env);
    this.#deadlineMs = context.monotonicMs() + timeoutMs;
  }

  async jump(): Promise<Jump> {
    const { socketPath, paneId, target } = this.#pane;
    const server = await listTmux(socketPath, this.#context.run, this.#leftMs());
    if (server.kind === 'none') return this.#outdated(server.why);
    const locations = server.panes.filter((location) => location.paneId === paneId);
    if (locations.length === 0) return this.#outdated(`the pane ${target} is gone`);
    if (this.#own && isSameFile(this.#own.socketPath, socketPath)) {
      const client = ownClient(server.clients, this.#own);
      return client ? this.#show(client, `jumped to ${target}`) : this.#noClient();
    }
    const client = otherClient(server.clients, locations);
    if (!client) return this.#noClient();
    const shown = await this.#show(client, `${target} is now shown on ${client.tty || client.name}`);
    return shown.kind === 'jumped' && (await this.#follow(client))
      ? this.#jumped(`jumped to ${target}`)
      : shown;
  }

  #leftMs(): number {
    return Math.max(1, Math.ceil(this.#deadlineMs - this.#context.monotonicMs()));
  }

  async #show(client: TmuxClient, words: string): Promise<Jump> {
    const isShown = await showPane(this.#pane, client, this.#context.run, this.#leftMs());
    return isShown ? this.#jumped(words) : this.#outdated(`tmux did not switch to ${this.#pane.target}`);
  }

  /**
   * If the client that shows the pane runs in a pane of otop's own server (tmux in tmux), switches to that pane too.
   */
  async #follow({ tty }: TmuxClient): Promise<boolean> {
    if (!this.#own || tty === '') return false;
    const { socketPath } = this.#own;
    const server = await listTmux(socketPath, this.#context.run, this.#leftMs());
    if (server.kind === 'none') return false;
    const outer = server.panes.find((location) => location.tty === tty);
    const client = ownClient(server.clients, this.#own);
    return outer && client
      ? await showPane({ socketPath, paneId: outer.paneId }, client, this.#context.run, this.#leftMs())
      : false;
  }

  #jumped(words: string): Jump {
    return { kind: 'jumped', text: sanitize(words) };
  }

  #outdated(words: string): Jump {
    return { kind: 'stayed', text: sanitize(words), outdated: true };
  }

  #noClient(): Jump {
    const command = attachCommand(this.#pane, this.#context.env.TMUX_TMPDIR);
    return { kind: 'stayed', text: sanitize(`run this in another terminal: ${command}`), command };
  }
}

/** `TMUX` is `socket,pid,session`, the session without its `$`. */
function ownTmux({ TMUX, TMUX_PANE }: JumpContext['env']): OwnTmux | undefined {
  const [socketPath, , session] = TMUX?.split(',') ?? [];
  return socketPath ? { socketPath, paneId: TMUX_PANE, sessionId: `$${session ?? ''}` } : undefined;
}

/**
 * The client that the user sits at: it shows otop's pane, else otop's session (below a popup), and was active last.
 */
function ownClient(clients: readonly TmuxClient[], own: OwnTmux): TmuxClient | undefined {
  const nearness = ({ paneId, sessionId }: TmuxClient) =>
    (paneId === own.paneId ? 2 : 0) + (sessionId === own.sessionId ? 1 : 0);
  return clients.toSorted((a, b) => nearness(b) - nearness(a) || b.activeAtSeconds - a.activeAtSeconds)[0];
}

/**
 * The client to switch on another server: the only one attached to the pane's session, else the server's only one.
 */
function otherClient(
  clients: readonly TmuxClient[],
  locations: readonly PaneLocation[],
): TmuxClient | undefined {
  const attached = clients.filter(({ sessionId }) =>
    locations.some((location) => location.sessionId === sessionId),
  );
  const [client, ...others] = attached.length > 0 ? attached : clients;
  return others.length === 0 ? client : undefined;
}

/** On macOS `/tmp` is `/private/tmp`, and both names are in use (macos.md, "Paths"). */
function isSameFile(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of the sockets is gone; the next tmux command reports that.
    return false;
  }
}
