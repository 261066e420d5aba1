import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Trouble } from '../../domain/board/board.ts';
import { isBusy, type TmuxPane } from '../../domain/process/process.ts';
import type { Run } from '../../system/run-program.ts';
import { sanitize } from '../../text/sanitize.ts';
import { isListening } from './listening.ts';
import { type ListedPane, paneFormat, parsePanes } from './pane-list.ts';
import type { ProcessSample } from './process-sample.ts';

/** The time that one sample waits for a server on an idle machine, so that a hung server delays it only a little. */
const maxWaitMs = 200;
/** The wait grows with the load, up to this factor: on a busy machine a healthy tmux answers later. */
const maxLoad = 5;
/** After this time without a response the server hangs, and its client is killed. */
const timeoutMs = 2000;
/** The interval for a server with opencode while the user types or just after a pane changed: titles follow the user. */
const activeIntervalMs = 1500;
/** A key within this span counts as typing now, since the system's time of the last key is up to eight seconds old. */
const typingSpanMs = 15_000;
/** The interval while an opencode with a terminal uses the CPU, because it streams or collects garbage. */
const busyIntervalMs = 5000;
/**
 * The interval while no opencode with a terminal works and no pane has changed for a while. A run of `tmux` is the most
 * expensive action of an idle otop (about 3 ms of its CPU time, and the time of tmux).
 */
const idleIntervalMs = 10_000;
const idleAfterMs = 10_000;
/** The interval for a server without opencode. A new opencode there has a new terminal, which is noticed at once. */
const otherServerIntervalMs = 10_000;
/** The interval for a socket without a server, or without tmux. A new server has a new socket, which is polled at once. */
const deadIntervalMs = 60_000;
const hungIntervalMs = 30_000;
const maxHungIntervalMs = 300_000;

interface Server {
  /** Distinguishes the socket of a new server from an old one with the same path. */
  readonly inode: number;
  panes: readonly ListedPane[];
  /** The last output of `list-panes`. A change means activity of the user or of opencode. */
  output: string;
  changedAtMs: number;
  requestedAtMs: number;
  isPending: boolean;
  /** Only a server that responds is polled early for a new terminal. */
  isResponding: boolean;
  timeoutCount: number;
}

export interface TmuxOptions {
  readonly run: Run;
  /** The environment of otop, for `TMUX` and `TMUX_TMPDIR`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userId: number | undefined;
  readonly monotonicMs: () => number;
  /** The load average for each processor: 1 means that all processors are just busy. */
  readonly loadPerCore: () => number;
  /** The time of the last key typed at a terminal, by the wall clock; undefined if it is unknown. */
  readonly typedAtMs: (tty: string) => number | undefined;
}

function socketInode(path: string): number | undefined {
  try {
    const status = statSync(path);
    return status.isSocket() ? status.ino : undefined;
  } catch {
    // The socket is gone, or another user owns the folder.
    return undefined;
  }
}

function socketsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    // Without the folder there are no servers, and those of another user do not matter.
    return [];
  }
}

/**
 * The panes of all tmux servers of the user: in tmux's folder, in otop's own `TMUX`, and in the environment of opencode
 * processes. Runs one command for each server, all at the same time, and only if an opencode has a terminal.
 */
export class TmuxServers {
  readonly #options: TmuxOptions;
  #servers = new Map<string, Server>();
  #terminals: ReadonlySet<string> = new Set();

  constructor(options: TmuxOptions) {
    this.#options = options;
  }

  /**
   * Polls the servers that are due. `nowMs` is the wall clock, for the age of titles. Waits at most 200 ms, on a busy
   * machine 1 s; never rejects.
   */
  async refresh(samples: readonly ProcessSample[], nowMs: number): Promise<void> {
    const terminals = new Set(samples.flatMap(({ process }) => process.tty ?? []));
    const isNew = [...terminals].some((tty) => !this.#terminals.has(tty));
    this.#terminals = terminals;
    if (terminals.size === 0) return;
    this.#findServers(samples);
    const atMs = this.#options.monotonicMs();
    const usualMs = () => this.#usualIntervalMs(samples, nowMs);
    const due = [...this.#servers].filter(
      ([, server]) =>
        !server.isPending &&
        (atMs >= server.requestedAtMs + this.#intervalMs(server, usualMs, atMs) ||
          (isNew && server.isResponding)),
    );
    await Promise.all(due.map(([path, server]) => this.#poll(path, server, atMs, nowMs)));
  }

  /**
   * The pane that a process runs in, found by its terminal; undefined if there is none. The first process of the pane
   * must be an ancestor or the session leader, because `pts/0` of a container is not `pts/0` of the machine.
   */
  paneOf({ process, lineage }: ProcessSample): TmuxPane | undefined {
    if (process.tty === undefined) return undefined;
    const own = [process.pid, ...lineage];
    for (const { panes } of this.#servers.values()) {
      const listed = panes.find(({ tty, firstPid }) => tty === process.tty && own.includes(firstPid));
      if (listed) return listed.pane;
    }
    return undefined;
  }

  /** A trouble for each hung server, if a process has a terminal. A missing server causes none. */
  troubles(): readonly Trouble[] {
    if (this.#terminals.size === 0) return [];
    return [...this.#servers].flatMap(([path, { timeoutCount }]) => {
      if (timeoutCount === 0) return [];
      const text = sanitize(`tmux at ${path} does not answer; its panes are unknown`);
      return [{ source: 'tmux' as const, text }];
    });
  }

  #findServers(samples: readonly ProcessSample[]): void {
    const { TMUX, TMUX_TMPDIR } = this.#options.environment;
    const folder = join(TMUX_TMPDIR || '/tmp', `tmux-${this.#options.userId ?? 0}`);
    const own = TMUX?.split(',')[0];
    const named = samples.flatMap(({ tmuxSocket }) => tmuxSocket ?? []);
    const servers = new Map<string, Server>();
    for (const path of new Set([...(own ? [own] : []), ...named, ...socketsIn(folder)])) {
      const inode = socketInode(path);
      if (inode === undefined) continue;
      const known = this.#servers.get(path);
      const fresh: Server = {
        inode,
        panes: [],
        output: '',
        changedAtMs: Number.NEGATIVE_INFINITY,
        requestedAtMs: Number.NEGATIVE_INFINITY,
        isPending: false,
        isResponding: false,
        timeoutCount: 0,
      };
      servers.set(path, known?.inode === inode ? known : fresh);
    }
    this.#servers = servers;
  }

  /** Starts a poll and waits for it for a limited time. A later response is used by the next sample. */
  async #poll(path: string, server: Server, atMs: number, nowMs: number): Promise<void> {
    const load = Math.min(Math.max(this.#options.loadPerCore(), 1), maxLoad);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, maxWaitMs * load);
    });
    server.isPending = true;
    server.requestedAtMs = atMs;
    await Promise.race([this.#listPanes(path, server, atMs, nowMs), timeout]);
    clearTimeout(timer);
  }

  async #listPanes(path: string, server: Server, atMs: number, nowMs: number): Promise<void> {
    let output = '';
    server.isResponding = false;
    if (await isListening(path, timeoutMs)) {
      // Without -u tmux prints `_` for each letter that is not ASCII.
      const args = ['-u', '-S', path, 'list-panes', '-a', '-F', paneFormat];
      const result = await this.#options.run('tmux', args, { timeoutMs });
      server.isResponding = result.kind === 'ended' && result.exitCode === 0;
      server.timeoutCount = result.kind === 'timeout' ? server.timeoutCount + 1 : 0;
      output = result.kind === 'ended' && server.isResponding ? result.stdout : '';
    }
    server.panes = parsePanes(output, path, nowMs);
    if (output !== server.output) server.changedAtMs = atMs;
    server.output = output;
    server.isPending = false;
  }

  /** The interval for servers with opencode in their panes whose output has not changed lately. */
  #usualIntervalMs(samples: readonly ProcessSample[], nowMs: number): number {
    let usualMs = idleIntervalMs;
    for (const { process } of samples) {
      if (process.tty === undefined) continue;
      const typedAtMs = this.#options.typedAtMs(process.tty);
      const isTyping = typedAtMs === undefined ? isBusy(process) : nowMs - typedAtMs < typingSpanMs;
      if (isTyping) return activeIntervalMs;
      if (isBusy(process)) usualMs = busyIntervalMs;
    }
    return usualMs;
  }

  /** The polling interval of a server. `usualMs` is a function, because it reads terminals and is rarely needed. */
  #intervalMs(
    { isResponding, timeoutCount, panes, changedAtMs }: Server,
    usualMs: () => number,
    atMs: number,
  ): number {
    if (timeoutCount > 0) return Math.min(hungIntervalMs * 2 ** (timeoutCount - 1), maxHungIntervalMs);
    if (!isResponding) return deadIntervalMs;
    if (!panes.some(({ tty }) => this.#terminals.has(tty))) return otherServerIntervalMs;
    return atMs - changedAtMs < idleAfterMs ? activeIntervalMs : usualMs();
  }
}
