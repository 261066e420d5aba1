import { setTimeout as sleep } from 'node:timers/promises';
import { idTimeMs } from '../../domain/session/session-id.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asNumber, asObject, asText, at, type JsonObject } from '../json.ts';
import { Backoff } from './backoff.ts';
import { eachOf } from './bounded-fetch.ts';
import { ClockDifference } from './clock-difference.ts';
import { eventOf, type ServerEvent } from './event-wire.ts';
import { failureText } from './failure.ts';
import { HostedSessions } from './hosted-sessions.ts';
import type { OpencodeApi } from './opencode-api.ts';

/** The world of a connection; specs give another one. */
export interface ConnectionWorld {
  readonly nowMs: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  /** Resolves after the time, or at once where the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What one connection is for. */
export interface ConnectionOptions {
  /** Finds out who answers; rejects where nobody does. */
  readonly open: () => Promise<OpencodeApi>;
  /** Its state is asked for in the directories of sessions that were updated since then. */
  readonly sinceMs: () => number;
  readonly onChange: () => void;
  /** Sessions and messages too, for a server whose database is not at hand. */
  readonly content?: ContentKeeper;
}

/** Keeps what is in a server's sessions. */
export interface ContentKeeper {
  /** All sessions that the server listed, after a connection was made. */
  listed(api: OpencodeApi, sessions: readonly JsonObject[]): Promise<void>;
  /** True where the event changed anything. */
  happened(event: ServerEvent, api: OpencodeApi): boolean;
}

/** Whether a server can be heard: `away` says why not. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live'; readonly version: DisplayText; readonly generation: 1 | 2 }
  | { readonly state: 'away'; readonly why: DisplayText };

/** A server may hold thousands of sessions; those that matter were updated last. */
const listedSessions = 100;
/** A directory that is asked for is opened by the server, so only few are. */
const mostDirectories = 24;
/** Events of opencode 2, and those too long to be read, say only that something happened: it is then looked at, in bursts. */
const lookGapMs = 400;
/** A server that was heard for so long is tried again at once when it goes away. */
const steadyMs = 10_000;

/**
 * One server's life as otop sees it: found, listened to, lost, and found again after a while. The stream is opened
 * first and everything is looked at then, so that nothing falls between. It all happens in the background; what was
 * last said stands in `hosted` and `link`.
 */
export class ServerConnection {
  readonly hosted = new HostedSessions();
  readonly #options: ConnectionOptions;
  readonly #world: ConnectionWorld;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  readonly #firstWord: Promise<void>;
  #link: Link = { state: 'connecting' };
  #api: OpencodeApi | undefined;
  #heardAtMs: number | undefined;
  readonly #clocks = new ClockDifference();
  #lookedAtMs: number | undefined;
  #liveSinceMs: number | undefined;

  constructor(options: ConnectionOptions, world: ConnectionWorld) {
    this.#options = options;
    this.#world = world;
    this.#backoff = new Backoff(world.random);
    this.#firstWord = new Promise((resolve) => {
      void this.#run(resolve);
    });
  }

  get link(): Link {
    return this.#link;
  }

  /** What to ask or tell the server with, while it can be heard. */
  get api(): OpencodeApi | undefined {
    return this.#link.state === 'live' ? this.#api : undefined;
  }

  /** When everything was last looked at: what the server did not speak of then was at rest. */
  get lookedAtMs(): number | undefined {
    return this.#lookedAtMs;
  }

  /** When it last said anything. */
  get heardAtMs(): number | undefined {
    return this.#heardAtMs;
  }

  /** How far the server's clock is ahead of ours; 0 where they agree, as far as the times on the way allow to tell. */
  get clockAheadMs(): number {
    return this.#clocks.aheadMs;
  }

  /** Resolves once it was looked at, or could not be reached; never rejects. */
  get firstWord(): Promise<void> {
    return this.#firstWord;
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(spoken: () => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const why = await this.#listen(spoken).catch(failureText);
      if (signal.aborted) return spoken();
      // One that goes away as soon as it came is no success.
      if (this.#world.nowMs() - (this.#liveSinceMs ?? Infinity) > steadyMs) this.#backoff.succeeded();
      this.#liveSinceMs = undefined;
      this.#link = { state: 'away', why: why ?? closedStream };
      this.#options.onChange();
      spoken();
      await this.#world.pause(this.#backoff.failed(), signal);
    }
  }

  /** Ends where the stream does, and rejects where anything fails. */
  async #listen(spoken: () => void): Promise<undefined> {
    const api = await this.#options.open();
    this.#api = api;
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, leaving.signal]);
    const looks = this.#looks(api, spoken, leaving);
    try {
      for await (const envelope of api.events(signal, looks.again)) {
        this.#heardAtMs = this.#world.nowMs();
        this.#compareClocks(envelope, this.#heardAtMs);
        looks.begin();
        this.#happened(envelope, api, looks.again);
      }
    } catch (error) {
      throw looks.failure ?? error;
    } finally {
      leaving.abort();
    }
    if (looks.failure !== undefined) throw looks.failure;
    return undefined;
  }

  /** An event's id holds the time at which it was made. */
  #compareClocks(envelope: unknown, nowMs: number): void {
    const id = asText(at(asObject(envelope), 'payload', 'id'));
    const madeAtMs = id === undefined ? undefined : idTimeMs(id, nowMs);
    if (madeAtMs !== undefined) this.#clocks.heard(madeAtMs, nowMs);
  }

  #happened(envelope: unknown, api: OpencodeApi, lookAgain: () => void): void {
    if (api.generation === 2) {
      lookAgain();
      return;
    }
    const found = eventOf(envelope, this.#world.nowMs());
    if (found === undefined) return;
    const changed = this.hosted.happened(found.event, found.directory, this.#world.nowMs());
    const moved = this.#options.content?.happened(found.event, api) === true;
    if (changed || moved) this.#options.onChange();
  }

  /** Looks at everything: once at the stream's first word, and whenever an event cannot tell. A failure ends the stream. */
  #looks(api: OpencodeApi, spoken: () => void, leaving: AbortController) {
    let running = false;
    let wanted = false;
    let begun = false;
    const state: { failure?: unknown } = {};
    const run = async () => {
      if (running) {
        wanted = true;
        return;
      }
      running = true;
      try {
        do {
          wanted = false;
          await this.#lookAtEverything(api);
          // The stream may have ended meanwhile: then this is old.
          if (leaving.signal.aborted) return;
          this.#link = { state: 'live', version: api.version, generation: api.generation };
          this.#liveSinceMs ??= this.#world.nowMs();
          this.#options.onChange();
          spoken();
          if (wanted) await this.#world.pause(lookGapMs, leaving.signal);
        } while (wanted && !leaving.signal.aborted);
      } catch (error) {
        state.failure = error;
        leaving.abort();
      }
      running = false;
    };
    return {
      begin: () => {
        if (!begun) void run();
        begun = true;
      },
      again: () => {
        if (begun) void run();
      },
      get failure() {
        return state.failure;
      },
    };
  }

  async #lookAtEverything(api: OpencodeApi): Promise<void> {
    const firstTurn = this.hosted.turn;
    const startedAtMs = this.#world.nowMs();
    const sessions = await api.sessions(listedSessions);
    await eachOf(this.#directoriesOf(sessions), (directory) => this.#lookAt(directory, api));
    this.hosted.forgetBefore(firstTurn);
    await this.#options.content?.listed(api, sessions);
    this.#lookedAtMs = startedAtMs;
  }

  async #lookAt(directory: string, api: OpencodeApi): Promise<void> {
    const turn = this.hosted.turn;
    const askedAtMs = this.#world.nowMs();
    const answer = await api.directory(directory, askedAtMs).catch(unlessRefused);
    if (answer !== undefined) this.hosted.answered(directory, answer, turn, askedAtMs);
    this.#heardAtMs = this.#world.nowMs();
  }

  /** Those in which the server may be at work: of sessions updated lately, and those that it spoke of. */
  #directoriesOf(sessions: readonly JsonObject[]): readonly string[] {
    const directories = new Set<string>();
    for (const { directory } of this.hosted.all()) if (directory !== undefined) directories.add(directory);
    const sinceMs = this.#options.sinceMs();
    for (const session of sessions) {
      const updatedAtMs = asNumber(at(session, 'time', 'updated')) ?? 0;
      const directory = asText(session.directory);
      if (directory !== undefined && updatedAtMs >= sinceMs) directories.add(directory);
    }
    return [...directories].slice(0, mostDirectories);
  }
}

const closedStream = failureText(new Error('it closed its event stream'));

/** A directory that the server cannot open (a broken configuration in it) must not hide the others. */
function unlessRefused(error: unknown): undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause === 'object' && cause !== null && 'status' in cause) return undefined;
  throw error;
}

/** The machine's own clock and chance. */
export const realWorld: ConnectionWorld = {
  nowMs: () => Date.now(),
  random: Math.random,
  pause: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined),
};

/** Waits for something, but not longer than this. */
export async function withPatience(work: Promise<unknown>, patienceMs: number): Promise<void> {
  const giveUp = new AbortController();
  // Unlike a pause this keeps the program alive: somebody waits.
  const patience = sleep(patienceMs, undefined, { signal: giveUp.signal }).catch(() => undefined);
  await Promise.race([work, patience]);
  giveUp.abort();
}
