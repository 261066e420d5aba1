import { setTimeout as delay } from 'node:timers/promises';
import { idTimeMs } from '../../domain/session/session-id.ts';
import type { DisplayText } from '../../text/sanitize.ts';
import { asNumber, asObject, asText, asTime, at, type JsonObject } from '../json.ts';
import { Backoff } from './backoff.ts';
import { forEachLimited, PasswordRejected, PasswordRequired } from './bounded-fetch.ts';
import { ClockDifference } from './clock-difference.ts';
import type { ServerEvent } from './event-wire.ts';
import { failureText } from './failure.ts';
import { HostedSessions } from './hosted-sessions.ts';
import type { OpencodeApi } from './opencode-api.ts';

/** The clock and the randomness of a connection; specs replace them. */
export interface ConnectionEnv {
  readonly nowMs: () => number;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
  /** Resolves after `ms`, or at once if the signal aborts; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Options of one connection. */
export interface ConnectionOptions {
  /** Detects the API of the server; rejects if no opencode responds. */
  readonly open: () => Promise<OpencodeApi>;
  /** The connection polls the directories of sessions that were updated after this time. */
  readonly sinceMs: () => number;
  readonly onChange: () => void;
  /** Stores sessions and messages, for a server whose database is on another machine. */
  readonly content?: ContentStore;
}

/** Stores the content of a server's sessions. */
export interface ContentStore {
  /** Takes the list of sessions after each poll; resolves once their messages are read. */
  applyList(api: OpencodeApi, sessions: readonly JsonObject[]): Promise<void>;
  /** Applies an event; returns true if it changed anything. */
  applyEvent(event: ServerEvent, api: OpencodeApi): boolean;
}

/** State of a connection; `why` explains a lost one. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live'; readonly version: DisplayText; readonly apiVersion: 1 | 2 }
  | { readonly state: 'away'; readonly why: DisplayText; readonly wantsPassword: boolean };

/** A server may hold thousands of sessions; only those updated last matter. */
const maxListedSessions = 100;
/** The server opens each directory that is polled, so the number is limited. */
const maxDirectories = 24;
/** Minimum delay between polls. An event that a build of opencode 2 sent, or one that was skipped, starts a poll. */
const pollGapMs = 400;
/** A connection that lasted this long resets the back-off. */
const steadyMs = 10_000;

/**
 * Follows one server in the background and reconnects with back-off; `hosted` and `link` hold the last known state.
 * It opens the event stream before it polls, so no change is lost in between.
 */
export class ServerConnection {
  readonly hosted = new HostedSessions();
  readonly #options: ConnectionOptions;
  readonly #env: ConnectionEnv;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  readonly #firstAttempt: Promise<void>;
  #link: Link = { state: 'connecting' };
  #api: OpencodeApi | undefined;
  #heardAtMs: number | undefined;
  readonly #clocks = new ClockDifference();
  #polledAtMs: number | undefined;
  #liveSinceMs: number | undefined;

  constructor(options: ConnectionOptions, env: ConnectionEnv) {
    this.#options = options;
    this.#env = env;
    this.#backoff = new Backoff(env.random);
    this.#firstAttempt = new Promise((resolve) => {
      void this.#run(resolve);
    });
  }

  get link(): Link {
    return this.#link;
  }

  /** The server's API, or undefined while the connection is not live. */
  get api(): OpencodeApi | undefined {
    return this.#link.state === 'live' ? this.#api : undefined;
  }

  /** The API that the server spoke last, also while the connection is away; undefined if it never answered. */
  get lastApi(): OpencodeApi | undefined {
    return this.#api;
  }

  /** Start of the last complete poll, epoch ms; sessions missing from `hosted` were idle then. */
  get polledAtMs(): number | undefined {
    return this.#polledAtMs;
  }

  /** When the server last sent anything, epoch ms. */
  get heardAtMs(): number | undefined {
    return this.#heardAtMs;
  }

  /** How far the server's clock is ahead of ours, in ms; 0 if the difference may be latency. */
  get clockAheadMs(): number {
    return this.#clocks.aheadMs;
  }

  /** Resolves after the first poll or the first failure to connect; never rejects. */
  get firstAttempt(): Promise<void> {
    return this.#firstAttempt;
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closing.abort();
  }

  async #run(onFirstAttempt: () => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const failure: unknown = await this.#listen(onFirstAttempt).catch((error: unknown) => error);
      if (signal.aborted) return onFirstAttempt();
      // A connection that breaks at once does not reset the back-off.
      if (this.#env.nowMs() - (this.#liveSinceMs ?? Infinity) > steadyMs) this.#backoff.succeeded();
      this.#liveSinceMs = undefined;
      const wantsPassword = failure instanceof PasswordRequired || failure instanceof PasswordRejected;
      const why = failure === undefined ? closedStream : failureText(failure);
      this.#link = { state: 'away', why, wantsPassword };
      this.#options.onChange();
      onFirstAttempt();
      await this.#env.sleep(this.#backoff.failed(), signal);
    }
  }

  /** Resolves when the event stream ends; rejects if a request fails. */
  async #listen(onFirstAttempt: () => void): Promise<undefined> {
    const api = await this.#options.open();
    this.#api = api;
    const leaving = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, leaving.signal]);
    const polls = this.#polls(api, onFirstAttempt, leaving);
    try {
      for await (const envelope of api.events(signal, polls.again)) {
        this.#heardAtMs = this.#env.nowMs();
        this.#compareClocks(envelope, this.#heardAtMs);
        polls.begin();
        this.#applyEnvelope(envelope, api, polls.again);
      }
    } catch (error) {
      throw polls.failure ?? error;
    } finally {
      leaving.abort();
    }
    if (polls.failure !== undefined) throw polls.failure;
    return undefined;
  }

  /** An event's id contains the time of its creation. */
  #compareClocks(envelope: unknown, nowMs: number): void {
    const event = asObject(envelope);
    const id = asText(at(event, 'payload', 'id'));
    // An event of opencode 2 has the time itself.
    const createdAtMs = asTime(at(event, 'created'));
    const madeAtMs = id === undefined ? createdAtMs : idTimeMs(id, nowMs);
    if (madeAtMs !== undefined) this.#clocks.add(madeAtMs, nowMs);
  }

  #applyEnvelope(envelope: unknown, api: OpencodeApi, pollAgain: () => void): void {
    const found = api.decode(envelope, this.#env.nowMs());
    if (found?.isPollDue === true) pollAgain();
    if (found?.event === undefined) return;
    const changed = this.hosted.applyEvent(found.event, found.directory, this.#env.nowMs());
    const contentChanged = this.#options.content?.applyEvent(found.event, api) === true;
    if (changed || contentChanged) this.#options.onChange();
  }

  /** Polls the server at the stream's first event, and again on request, one poll at a time. A failure ends the stream. */
  #polls(api: OpencodeApi, onFirstAttempt: () => void, leaving: AbortController) {
    let isRunning = false;
    let isRequested = false;
    let hasBegun = false;
    const state: { failure?: unknown } = {};
    const run = async () => {
      if (isRunning) {
        isRequested = true;
        return;
      }
      isRunning = true;
      try {
        do {
          isRequested = false;
          await this.#pollAll(api);
          // If the stream has ended meanwhile, the result is stale.
          if (leaving.signal.aborted) return;
          this.#link = { state: 'live', version: api.version, apiVersion: api.apiVersion };
          this.#liveSinceMs ??= this.#env.nowMs();
          this.#options.onChange();
          onFirstAttempt();
          if (isRequested) await this.#env.sleep(pollGapMs, leaving.signal);
        } while (isRequested && !leaving.signal.aborted);
      } catch (error) {
        state.failure = error;
        leaving.abort();
      }
      isRunning = false;
    };
    return {
      begin: () => {
        if (!hasBegun) void run();
        hasBegun = true;
      },
      again: () => {
        if (hasBegun) void run();
      },
      get failure() {
        return state.failure;
      },
    };
  }

  async #pollAll(api: OpencodeApi): Promise<void> {
    const firstSequence = this.hosted.sequence;
    const startedAtMs = this.#env.nowMs();
    const { state } = api;
    if (state.scope === 'server') {
      this.hosted.applyServer(await state.read(startedAtMs), firstSequence, startedAtMs);
      this.#heardAtMs = this.#env.nowMs();
      await this.#options.content?.applyList(api, await api.sessions(maxListedSessions));
    } else {
      const sessions = await api.sessions(maxListedSessions);
      await forEachLimited(this.#directoriesOf(sessions), async (directory) => {
        const sequence = this.hosted.sequence;
        const askedAtMs = this.#env.nowMs();
        const found = await state.read(directory, askedAtMs).catch(undefinedIfRefused);
        if (found !== undefined) this.hosted.applyState(directory, found, sequence, askedAtMs);
        this.#heardAtMs = this.#env.nowMs();
      });
      this.hosted.forgetBefore(firstSequence);
      await this.#options.content?.applyList(api, sessions);
    }
    this.#polledAtMs = startedAtMs;
  }

  /** Directories in which the server may be working: those of hosted sessions and of recently updated ones. */
  #directoriesOf(sessions: readonly JsonObject[]): readonly string[] {
    const directories = new Set<string>();
    for (const { directory } of this.hosted.all()) if (directory !== undefined) directories.add(directory);
    const sinceMs = this.#options.sinceMs();
    for (const session of sessions) {
      const updatedAtMs = asNumber(at(session, 'time', 'updated')) ?? 0;
      const directory = asText(session.directory);
      if (directory !== undefined && updatedAtMs >= sinceMs) directories.add(directory);
    }
    return [...directories].slice(0, maxDirectories);
  }
}

const closedStream = failureText(new Error('it closed its event stream'));

/** If the server cannot open one directory (its configuration is broken), the others are still polled. */
function undefinedIfRefused(error: unknown): undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause === 'object' && cause !== null && 'status' in cause) return undefined;
  throw error;
}

/** The machine's own clock and random numbers. */
export const systemEnv: ConnectionEnv = {
  nowMs: () => Date.now(),
  random: Math.random,
  sleep: (ms, signal) => delay(ms, undefined, { signal, ref: false }).catch(() => undefined),
};

/** Resolves when `work` does or after `timeoutMs`; rejects if `work` rejects first. */
export async function withTimeout(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const ended = new AbortController();
  // Unlike `sleep`, this timer keeps the program alive, since the caller waits for the result.
  const timeout = delay(timeoutMs, undefined, { signal: ended.signal }).catch(() => undefined);
  await Promise.race([work, timeout]);
  ended.abort();
}
