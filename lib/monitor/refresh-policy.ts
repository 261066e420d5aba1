import type { Plan } from './scheduler.ts';

/**
 * The kinds of polls. A `tick` polls everything; `live`, `log` and `sessions` poll one source after an event;
 * `models` polls the limits and prices of models now and then.
 */
const polls = ['tick', 'live', 'log', 'sessions', 'models'] as const;

export type Poll = (typeof polls)[number];

/** Sources that emit events: plugins and servers (`live`), and watched files (`log`, `sessions`). */
export type EventSource = 'live' | 'log' | 'sessions';

/**
 * opencode commits the rows of a turn within milliseconds of each other. A poll waits this long for the rest of such
 * a burst, and repeats at most ten times a second. The user notices neither delay.
 */
const settleMs = 15;
const gapMs = 100;
/** The minimum gap between ticks that events or keys request. */
const tickGapMs = 200;
/**
 * After this time without file events and busy processes, ticks come three times less often (at rest). The user's
 * next action causes a file event, and that polls everything at once.
 */
const restAfterMs = 10_000;
const restFactor = 3;
/**
 * A busy process delays the rest by one tick only, because about once a minute an idle opencode uses 10 to 40 percent
 * of a core for a second or two (1.18.33).
 */
const busyAwakeMs = 500;
/** The interval of ticks with a full process poll; three times longer at rest. The end of a rest also causes one. */
const fullPollMs = 10_000;
const modelsMs = 30_000;

/** Per kind: the minimum gap between the starts of two polls, and the wait for the rest of a burst. */
const delays: Readonly<Record<Poll, { readonly gapMs: number; readonly settleMs: number }>> = {
  tick: { gapMs: tickGapMs, settleMs },
  live: { gapMs, settleMs },
  log: { gapMs, settleMs },
  sessions: { gapMs, settleMs },
  models: { gapMs: modelsMs, settleMs: 0 },
};

interface PollPlan {
  startedAtMs: number;
  /** Undefined while the poll runs, and while nothing requests it. */
  dueAtMs: number | undefined;
  isRunning: boolean;
  /** True if the poll was requested since it last began. */
  isWanted: boolean;
}

/**
 * Decides when the next poll of each kind is due. It has no clock: callers pass events with their time, in
 * milliseconds of a monotonic clock. A running poll is never due. After any number of missed ticks (a suspended
 * machine), only one poll follows.
 */
export class RefreshPolicy implements Plan<Poll> {
  readonly names = polls;
  /**
   * The interval of a tick, which polls everything: it finds ended processes, on Linux also new ones, and changes
   * without a file event (network file system, full inotify table). On macOS only a full process poll finds new
   * processes (see `fullPollMs`). The cost of a tick depends on the changes, and there are usually none.
   */
  readonly #tickMs: () => number;
  readonly #plans: Readonly<Record<Poll, PollPlan>>;
  /** The last result of `#tickMs`. */
  #lastTickMs: number;
  #tickedAtMs: number;
  #awakeUntilMs: number;
  #nextFullPollMs = 0;

  /** `tickMs` is called after each tick and returns the time until the next one. */
  constructor(atMs: number, tickMs: () => number) {
    this.#tickMs = tickMs;
    this.#lastTickMs = tickMs();
    this.#tickedAtMs = atMs;
    this.#awakeUntilMs = atMs + restAfterMs;
    const plan = (): PollPlan => ({
      startedAtMs: atMs,
      dueAtMs: undefined,
      isRunning: false,
      isWanted: false,
    });
    this.#plans = { tick: plan(), live: plan(), log: plan(), sessions: plan(), models: plan() };
    for (const poll of polls) this.#plan(poll, atMs);
  }

  /** When a poll is due; undefined while it runs, and while nothing requests it. */
  dueAtMs(poll: Poll): number | undefined {
    return this.#plans[poll].dueAtMs;
  }

  /** Requests a poll as soon as its gap allows. All requests before it begins cause one poll. */
  want(poll: Poll, atMs: number): void {
    const plan = this.#plans[poll];
    if (plan.isWanted) return;
    plan.isWanted = true;
    if (!plan.isRunning) this.#plan(poll, atMs);
  }

  /** Requests a poll of everything, with a full process poll. */
  wantAll(atMs: number): void {
    this.#nextFullPollMs = 0;
    this.want('tick', atMs);
  }

  /** Handles an event of a source: requests its poll; at rest, a poll of everything. */
  wake(source: EventSource, atMs: number): void {
    // The event may come from a new process.
    if (this.#isAtRest(atMs)) this.wantAll(atMs);
    this.#stayAwake(atMs + restAfterMs);
    // With frequent events, the tick joins their polls instead of polling once more between them.
    this.want(atMs - this.#tickedAtMs >= this.#lastTickMs / 2 ? 'tick' : source, atMs);
  }

  /** Records that a poll found a busy process. */
  sawWork(atMs: number): void {
    this.#stayAwake(atMs + busyAwakeMs);
  }

  /** Records that a poll begins. */
  started(poll: Poll, atMs: number): void {
    const plan = this.#plans[poll];
    plan.startedAtMs = atMs;
    plan.dueAtMs = undefined;
    plan.isRunning = true;
    plan.isWanted = false;
  }

  /** Records that a tick begins, and returns the scope of its process poll. */
  tick(atMs: number): 'full' | 'known' {
    this.#tickedAtMs = atMs;
    if (atMs < this.#nextFullPollMs) return 'known';
    this.#nextFullPollMs = atMs + fullPollMs * this.#restFactor(atMs);
    return 'full';
  }

  /** Records that a poll ended, successfully or not. */
  ended(poll: Poll, atMs: number): void {
    if (poll === 'tick') this.#lastTickMs = this.#tickMs();
    this.#plans[poll].isRunning = false;
    this.#plan(poll, atMs);
  }

  /** Computes the due time; an earlier existing due time stays. */
  #plan(poll: Poll, atMs: number): void {
    const plan = this.#plans[poll];
    const nextMs = plan.isWanted ? this.#wantedAtMs(poll, atMs) : this.#nextTickMs(poll, atMs);
    if (nextMs !== undefined) plan.dueAtMs = Math.min(plan.dueAtMs ?? nextMs, nextMs);
  }

  #wantedAtMs(poll: Poll, atMs: number): number {
    const { gapMs, settleMs } = delays[poll];
    return Math.max(atMs + settleMs, this.#plans[poll].startedAtMs + gapMs);
  }

  /** The due time of a periodic poll; undefined for kinds that only events request. */
  #nextTickMs(poll: Poll, atMs: number): number | undefined {
    if (poll !== 'tick' && poll !== 'models') return undefined;
    const intervalMs = poll === 'models' ? modelsMs : this.#lastTickMs * this.#restFactor(atMs);
    return Math.max(atMs, this.#plans[poll].startedAtMs + intervalMs);
  }

  #isAtRest(atMs: number): boolean {
    return atMs > this.#awakeUntilMs;
  }

  #restFactor(atMs: number): number {
    return this.#isAtRest(atMs) ? restFactor : 1;
  }

  #stayAwake(untilMs: number): void {
    this.#awakeUntilMs = Math.max(this.#awakeUntilMs, untilMs);
  }
}

/** otop's CPU budget, in percent of a core. */
const budgetPercent = 5;
/** Load per processor above which otop polls less, to leave the machine to other programs. */
const maxLoadPerCore = 3;

/**
 * The factor of the tick's length: 1 within the CPU budget and load limit, 2 above one of them, 4 above twice one of
 * them. Only ticks become slower; events still cause polls at once.
 */
export function tickMultiplier(use: { readonly cpuPercent?: number; readonly loadPerCore: number }): number {
  const excess = Math.max((use.cpuPercent ?? 0) / budgetPercent, use.loadPerCore / maxLoadPerCore);
  if (excess <= 1) return 1;
  return excess <= 2 ? 2 : 4;
}
