import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Trouble } from '../../domain/board/board.ts';
import { isBusy, type TmuxPane } from '../../domain/process/process.ts';
import type { Run } from '../../system/run-program.ts';
import { sanitize } from '../../text/sanitize.ts';
import { isListening } from './listening.ts';
import { paneFormat, parsePanes, type SeenPane } from './pane-list.ts';
import type { Sighting } from './process-sample.ts';

/** What a hung server may cost, once, on a machine that has a processor free. */
const patienceMs = 200;
/** A machine with five times the work it can do lets a healthy tmux wait for its turn five times as long. */
const mostLoad = 5;
/** A server that gave no answer for so long hangs, and its client is ended. */
const hungMs = 2000;
/** A server with opencode in its panes that somebody typed into: titles follow what a person does. */
const followIntervalMs = 1500;
/** Typed now or a moment ago: the time of it is up to eight seconds old. */
const typedSpanMs = 15_000;
/** An opencode with a terminal has work, as one that streams; or it tidies up its memory. */
const busyIntervalMs = 5000;
/**
 * Nobody does anything: no pane changed for a while and no opencode with a terminal has work. Running `tmux` is the
 * dearest thing that an idle otop does (some 3 ms of its processor time, and tmux's own).
 */
const restIntervalMs = 10_000;
const restAfterMs = 10_000;
/** Any other server: opencode may be started there, but then its new terminal is noticed at once. */
const quietIntervalMs = 10_000;
/** No server behind the socket, or no tmux at all; a new server makes a new socket, which is asked at once. */
const deadIntervalMs = 60_000;
const hungIntervalMs = 30_000;
const longestHungIntervalMs = 300_000;

interface Server {
  /** Tells a new server's socket from the old one's at the same path. */
  readonly inode: number;
  panes: readonly SeenPane[];
  /** What it last said, whose change is what somebody did. */
  said: string;
  changedAtMs: number;
  askedAtMs: number;
  isAsked: boolean;
  /** Only a server that answered is asked out of turn. */
  answers: boolean;
  hungTimes: number;
}

export interface TmuxOptions {
  readonly run: Run;
  /** `TMUX` and `TMUX_TMPDIR` of otop's own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userId: number | undefined;
  readonly monotonicMs: () => number;
  /** Programs that want to run, for each processor: 1 is a machine that is just busy. */
  readonly loadPerCore: () => number;
  /** When somebody typed at a terminal last, by the wall clock; undefined where that cannot be told. */
  readonly typedAtMs: (tty: string) => number | undefined;
}

function socketInode(path: string): number | undefined {
  try {
    const status = statSync(path);
    return status.isSocket() ? status.ino : undefined;
  } catch {
    // Gone, or in a folder of another user's: no server that could be asked.
    return undefined;
  }
}

function socketsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    // No folder, no servers; a folder of another user's is none of ours.
    return [];
  }
}

/**
 * The panes of every tmux server of the user: those in tmux's own folder, the one otop runs in, and those that opencode
 * processes name in their environment. Each server is asked by one command, all at the same time, and only where an
 * opencode has a terminal.
 */
export class TmuxServers {
  readonly #options: TmuxOptions;
  #servers = new Map<string, Server>();
  #terminals: ReadonlySet<string> = new Set();

  constructor(options: TmuxOptions) {
    this.#options = options;
  }

  /** Asks the servers that are due; `nowMs` is the wall clock, for the titles' age. Takes 200 ms at the most; never rejects. */
  async refresh(sightings: readonly Sighting[], nowMs: number): Promise<void> {
    const terminals = new Set(sightings.flatMap(({ process }) => process.tty ?? []));
    const isNew = [...terminals].some((tty) => !this.#terminals.has(tty));
    this.#terminals = terminals;
    if (terminals.size === 0) return;
    this.#findServers(sightings);
    const atMs = this.#options.monotonicMs();
    const usualMs = () => this.#usualIntervalMs(sightings, nowMs);
    const due = [...this.#servers].filter(
      ([, server]) =>
        !server.isAsked &&
        (atMs >= server.askedAtMs + this.#intervalMs(server, usualMs, atMs) || (isNew && server.answers)),
    );
    await Promise.all(due.map(([path, server]) => this.#ask(path, server, atMs, nowMs)));
  }

  /**
   * The pane a process runs in: by its terminal, and the pane's first process must be among its ancestors or lead its
   * session, as a container's `pts/0` is not the machine's.
   */
  paneOf({ process, lineage }: Sighting): TmuxPane | undefined {
    if (process.tty === undefined) return undefined;
    const own = [process.pid, ...lineage];
    for (const { panes } of this.#servers.values()) {
      const seen = panes.find(({ tty, firstPid }) => tty === process.tty && own.includes(firstPid));
      if (seen) return seen.pane;
    }
    return undefined;
  }

  /** Servers that hang while a process with a terminal is to be placed; one that is absent is no trouble. */
  troubles(): readonly Trouble[] {
    if (this.#terminals.size === 0) return [];
    return [...this.#servers].flatMap(([path, { hungTimes }]) => {
      if (hungTimes === 0) return [];
      const text = sanitize(`tmux at ${path} gives no answer; its panes are not known`);
      return [{ source: 'tmux' as const, text }];
    });
  }

  #findServers(sightings: readonly Sighting[]): void {
    const { TMUX, TMUX_TMPDIR } = this.#options.environment;
    const folder = join(TMUX_TMPDIR || '/tmp', `tmux-${this.#options.userId ?? 0}`);
    const own = TMUX?.split(',')[0];
    const named = sightings.flatMap(({ tmuxSocket }) => tmuxSocket ?? []);
    const servers = new Map<string, Server>();
    for (const path of new Set([...(own ? [own] : []), ...named, ...socketsIn(folder)])) {
      const inode = socketInode(path);
      if (inode === undefined) continue;
      const before = this.#servers.get(path);
      const fresh: Server = {
        inode,
        panes: [],
        said: '',
        changedAtMs: Number.NEGATIVE_INFINITY,
        askedAtMs: Number.NEGATIVE_INFINITY,
        isAsked: false,
        answers: false,
        hungTimes: 0,
      };
      servers.set(path, before?.inode === inode ? before : fresh);
    }
    this.#servers = servers;
  }

  /** Waits as long as patience lasts; what comes later counts at the next look, and only then is nothing coming. */
  async #ask(path: string, server: Server, atMs: number, nowMs: number): Promise<void> {
    const load = Math.min(Math.max(this.#options.loadPerCore(), 1), mostLoad);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs * load);
    });
    server.isAsked = true;
    server.askedAtMs = atMs;
    await Promise.race([this.#hear(path, server, atMs, nowMs), patience]);
    clearTimeout(timer);
  }

  async #hear(path: string, server: Server, atMs: number, nowMs: number): Promise<void> {
    let said = '';
    server.answers = false;
    if (await isListening(path, hungMs)) {
      // -u: without it every letter beyond ASCII comes as `_`.
      const args = ['-u', '-S', path, 'list-panes', '-a', '-F', paneFormat];
      const result = await this.#options.run('tmux', args, { timeoutMs: hungMs });
      server.answers = result.kind === 'ended' && result.exitCode === 0;
      server.hungTimes = result.kind === 'timeout' ? server.hungTimes + 1 : 0;
      said = result.kind === 'ended' && server.answers ? result.stdout : '';
    }
    server.panes = parsePanes(said, path, nowMs);
    if (said !== server.said) server.changedAtMs = atMs;
    server.said = said;
    server.isAsked = false;
  }

  /** How often titles are worth asking for where opencode runs in panes. */
  #usualIntervalMs(sightings: readonly Sighting[], nowMs: number): number {
    let usualMs = restIntervalMs;
    for (const { process } of sightings) {
      if (process.tty === undefined) continue;
      const typedAtMs = this.#options.typedAtMs(process.tty);
      const isTyped = typedAtMs === undefined ? isBusy(process) : nowMs - typedAtMs < typedSpanMs;
      if (isTyped) return followIntervalMs;
      if (isBusy(process)) usualMs = busyIntervalMs;
    }
    return usualMs;
  }

  /** `usualMs` looks at terminals: it is asked only where it decides. */
  #intervalMs(
    { answers, hungTimes, panes, changedAtMs }: Server,
    usualMs: () => number,
    atMs: number,
  ): number {
    if (hungTimes > 0) return Math.min(hungIntervalMs * 2 ** (hungTimes - 1), longestHungIntervalMs);
    if (!answers) return deadIntervalMs;
    if (!panes.some(({ tty }) => this.#terminals.has(tty))) return quietIntervalMs;
    return atMs - changedAtMs < restAfterMs ? followIntervalMs : usualMs();
  }
}
