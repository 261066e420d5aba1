import { realpathSync } from 'node:fs';
import type { Row } from '../../domain/board/board.ts';
import { attachCommand } from '../../domain/process/commands.ts';
import type { TmuxPane } from '../../domain/process/process.ts';
import { paneHere, whereabouts } from '../../domain/process/whereabouts.ts';
import type { Run } from '../../system/run-program.ts';
import type { Environment } from '../../system/surroundings.ts';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import { askTmux, type PanePlace, showPane, type TmuxClient } from './tmux-server.ts';

/** What a jump needs to know of the place otop runs in. */
export interface Desk {
  /** For `TMUX`, `TMUX_PANE` and `TMUX_TMPDIR`. */
  readonly env: Environment;
  readonly run: Run;
  readonly monotonicMs: () => number;
}

/** What came of it, in words; where nobody could be brought there, `command` is what a person can type. */
export type Jump =
  | { readonly kind: 'jumped'; readonly text: DisplayText }
  | {
      readonly kind: 'stayed';
      readonly text: DisplayText;
      readonly command?: string;
      /** The row is behind the world: another look may show where its terminal is now. */
      readonly outdated?: true;
    };

/** All of a jump's tmux commands together: a tmux that hangs is told of within a second. */
const patienceMs = 1000;

/** The tmux server that otop's own terminal belongs to. */
interface OwnPlace {
  readonly socketPath: string;
  /** Of the pane otop was started in; a popup has none. */
  readonly paneId: string | undefined;
  readonly sessionId: string;
}

/**
 * Brings the row's tmux pane in front of the person:
 * - on otop's own server the client that shows otop is switched to it;
 * - on another server its one client is, or the one that is attached to the pane's session; where that client itself
 *   stands in a pane of otop's server, otop's client goes there too;
 * - else nobody is moved, and the text says where the process is and how to get there.
 * Takes a second at the most; never rejects.
 */
export async function jumpTo(row: Row, desk: Desk): Promise<Jump> {
  const pane = paneHere(row);
  return pane ? await new PaneJump(pane, desk).jump() : { kind: 'stayed', ...whereabouts(row) };
}

class PaneJump {
  readonly #pane: TmuxPane;
  readonly #desk: Desk;
  readonly #own: OwnPlace | undefined;
  readonly #untilMs: number;

  constructor(pane: TmuxPane, desk: Desk) {
    this.#pane = pane;
    this.#desk = desk;
    this.#own = ownPlace(desk.env);
    this.#untilMs = desk.monotonicMs() + patienceMs;
  }

  async jump(): Promise<Jump> {
    const { socketPath, paneId, target } = this.#pane;
    const server = await askTmux(socketPath, this.#desk.run, this.#leftMs());
    if (server.kind === 'none') return this.#outdated(server.why);
    const places = server.panes.filter((place) => place.paneId === paneId);
    if (places.length === 0) return this.#outdated(`the pane ${target} is gone`);
    if (this.#own && isSameFile(this.#own.socketPath, socketPath)) {
      const client = ownClient(server.clients, this.#own);
      return client ? this.#show(client, `jumped to ${target}`) : this.#unattached();
    }
    const client = otherClient(server.clients, places);
    if (!client) return this.#unattached();
    const shown = await this.#show(client, `${target} is in front on ${client.tty || client.name}`);
    return shown.kind === 'jumped' && (await this.#follow(client))
      ? this.#jumped(`jumped to ${target}`)
      : shown;
  }

  #leftMs(): number {
    return Math.max(1, Math.ceil(this.#untilMs - this.#desk.monotonicMs()));
  }

  async #show(client: TmuxClient, words: string): Promise<Jump> {
    const isShown = await showPane(this.#pane, client, this.#desk.run, this.#leftMs());
    return isShown ? this.#jumped(words) : this.#outdated(`tmux did not switch to ${this.#pane.target}`);
  }

  /** Where the client that now shows the pane stands in a pane of our own server (tmux within tmux), goes there. */
  async #follow({ tty }: TmuxClient): Promise<boolean> {
    if (!this.#own || tty === '') return false;
    const { socketPath } = this.#own;
    const server = await askTmux(socketPath, this.#desk.run, this.#leftMs());
    if (server.kind === 'none') return false;
    const outer = server.panes.find((place) => place.tty === tty);
    const client = ownClient(server.clients, this.#own);
    return outer && client
      ? await showPane({ socketPath, paneId: outer.paneId }, client, this.#desk.run, this.#leftMs())
      : false;
  }

  #jumped(words: string): Jump {
    return { kind: 'jumped', text: sanitize(words) };
  }

  #outdated(words: string): Jump {
    return { kind: 'stayed', text: sanitize(words), outdated: true };
  }

  #unattached(): Jump {
    const command = attachCommand(this.#pane, this.#desk.env.TMUX_TMPDIR);
    return { kind: 'stayed', text: sanitize(`in another terminal: ${command}`), command };
  }
}

/** `TMUX` is `socket,pid,session`, the session without its `$`. */
function ownPlace({ TMUX, TMUX_PANE }: Desk['env']): OwnPlace | undefined {
  const [socketPath, , session] = TMUX?.split(',') ?? [];
  return socketPath ? { socketPath, paneId: TMUX_PANE, sessionId: `$${session ?? ''}` } : undefined;
}

/** The client whose key was pressed: it has our pane in front, or our session beneath a popup, and was active last. */
function ownClient(clients: readonly TmuxClient[], own: OwnPlace): TmuxClient | undefined {
  const nearness = ({ paneId, sessionId }: TmuxClient) =>
    (paneId === own.paneId ? 2 : 0) + (sessionId === own.sessionId ? 1 : 0);
  return clients.toSorted((a, b) => nearness(b) - nearness(a) || b.activeAtSeconds - a.activeAtSeconds)[0];
}

/** Of a server that otop is not in: its only client, or the one that would not even have to change its session. */
function otherClient(clients: readonly TmuxClient[], places: readonly PanePlace[]): TmuxClient | undefined {
  const attached = clients.filter(({ sessionId }) => places.some((place) => place.sessionId === sessionId));
  const [client, ...others] = attached.length > 0 ? attached : clients;
  return others.length === 0 ? client : undefined;
}

/** On macOS `/tmp` is `/private/tmp`, and each name is in use (macos.md, "Paths"). */
function isSameFile(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of them is gone: whoever asks it next says so.
    return false;
  }
}
