import type { Plan } from './scheduler.ts';

/**
 * What is looked at by itself: everything at each tick; at an event the logs, the databases, or what plugins and servers
 * tell; and now and then what models can and cost.
 */
const looks = ['tick', 'live', 'log', 'sessions', 'models'] as const;

export type Look = (typeof looks)[number];

/** What can tell that something happened there: files that are watched, plugins and servers. */
export type EventSource = 'live' | 'log' | 'sessions';

/**
 * opencode commits a turn's rows one after the other within milliseconds: after the first a look waits for the rest, and
 * while they go on coming there are no more than ten looks a second. A person sees neither.
 */
const settleMs = 15;
const gapMs = 100;
/** Ticks that events and keys ask for. */
const tickGapMs = 200;
/**
 * A look at everything: a new process is on the Board within a second, a dead one gone, and what file events did not
 * tell (a network file system, a full inotify table) is seen. It costs what changed, which mostly is nothing.
 */
export const defaultTickMs = 1000;
/**
 * If no file was written for a while and no process is at work, a look comes every third time: what a person does next is a
 * file event, and looks at everything at once.
 */
const restAfterMs = 10_000;
const restStretch = 3;
/**
 * A process at work brings the next look at the usual time, and that one sees for itself: about once a minute an idle
 * opencode takes 10 to 40 percent for a second or two and nothing follows (1.18.33).
 */
const untilNextLookMs = 500;
/** Everything about each process, new descriptors and late comers included; at rest three times as seldom, and at its end. */
const fullLookMs = 10_000;
const modelsMs = 30_000;

/** Two looks of a kind never begin closer together than the gap; the first event of a burst waits for the rest. */
const paces: Readonly<Record<Look, { readonly gapMs: number; readonly settleMs: number }>> = {
  tick: { gapMs: tickGapMs, settleMs },
  live: { gapMs, settleMs },
  log: { gapMs, settleMs },
  sessions: { gapMs, settleMs },
  models: { gapMs: modelsMs, settleMs: 0 },
};

interface LookPlan {
  startedAtMs: number;
  /** Absent while it runs, and while nothing asks for it. */
  dueAtMs: number | undefined;
  isRunning: boolean;
  /** Something asked for it since it began last. */
  isWanted: boolean;
}

/**
 * When the next look of each kind is due. It has no clock: it is told what happened and when, in milliseconds of a clock
 * that never goes back. A look that runs is never due, and a backlog is never worked off: however many ticks were missed (a
 * suspended machine), one look follows.
 */
export class RefreshPolicy implements Plan<Look> {
  readonly names = looks;
  readonly #tickMs: () => number;
  readonly #plans: Readonly<Record<Look, LookPlan>>;
  /** The tick's length as it was last asked for. */
  #lastTickMs: number;
  #tickedAtMs: number;
  #awakeUntilMs: number;
  #nextFullLookMs = 0;

  /** `tickMs` is asked after each tick for the time until the next one. */
  constructor(atMs: number, tickMs: () => number) {
    this.#tickMs = tickMs;
    this.#lastTickMs = tickMs();
    this.#tickedAtMs = atMs;
    this.#awakeUntilMs = atMs + restAfterMs;
    const plan = (): LookPlan => ({
      startedAtMs: atMs,
      dueAtMs: undefined,
      isRunning: false,
      isWanted: false,
    });
    this.#plans = { tick: plan(), live: plan(), log: plan(), sessions: plan(), models: plan() };
    for (const look of looks) this.#plan(look, atMs);
  }

  /** When a look is due; undefined while it runs, and while nothing asks for it. */
  dueAtMs(look: Look): number | undefined {
    return this.#plans[look].dueAtMs;
  }

  /** Asks for a look as soon as its gap allows; any number of wishes until it begins are one look. */
  want(look: Look, atMs: number): void {
    const plan = this.#plans[look];
    if (plan.isWanted) return;
    plan.isWanted = true;
    if (!plan.isRunning) this.#plan(look, atMs);
  }

  /** A person asks for everything. */
  wantAll(atMs: number): void {
    this.#nextFullLookMs = 0;
    this.want('tick', atMs);
  }

  /** Something happened at a source: it is looked at, and after a rest everything is. */
  wake(source: EventSource, atMs: number): void {
    // Whatever it was, it may have been a process that is new.
    if (this.#isAtRest(atMs)) this.wantAll(atMs);
    this.#stayAwake(atMs + restAfterMs);
    // If events come all the time, ticks of their own between them would be looks in vain.
    this.want(atMs - this.#tickedAtMs >= this.#lastTickMs / 2 ? 'tick' : source, atMs);
  }

  /** A process was seen at work. */
  sawWork(atMs: number): void {
    this.#stayAwake(atMs + untilNextLookMs);
  }

  /** A look begins. */
  started(look: Look, atMs: number): void {
    const plan = this.#plans[look];
    plan.startedAtMs = atMs;
    plan.dueAtMs = undefined;
    plan.isRunning = true;
    plan.isWanted = false;
  }

  /** How much of the processes the tick that begins now looks at. */
  tick(atMs: number): 'full' | 'known' {
    this.#tickedAtMs = atMs;
    if (atMs < this.#nextFullLookMs) return 'known';
    this.#nextFullLookMs = atMs + fullLookMs * this.#stretch(atMs);
    return 'full';
  }

  /** A look ended, well or not. */
  ended(look: Look, atMs: number): void {
    if (look === 'tick') this.#lastTickMs = this.#tickMs();
    this.#plans[look].isRunning = false;
    this.#plan(look, atMs);
  }

  /** What is due already stays due at its time, unless it is wanted earlier. */
  #plan(look: Look, atMs: number): void {
    const plan = this.#plans[look];
    const nextMs = plan.isWanted ? this.#wantedAtMs(look, atMs) : this.#nextTickMs(look, atMs);
    if (nextMs !== undefined) plan.dueAtMs = Math.min(plan.dueAtMs ?? nextMs, nextMs);
  }

  #wantedAtMs(look: Look, atMs: number): number {
    const { gapMs, settleMs } = paces[look];
    return Math.max(atMs + settleMs, this.#plans[look].startedAtMs + gapMs);
  }

  /** Undefined for what is looked at on events alone. */
  #nextTickMs(look: Look, atMs: number): number | undefined {
    if (look !== 'tick' && look !== 'models') return undefined;
    const intervalMs = look === 'models' ? modelsMs : this.#lastTickMs * this.#stretch(atMs);
    return Math.max(atMs, this.#plans[look].startedAtMs + intervalMs);
  }

  #isAtRest(atMs: number): boolean {
    return atMs > this.#awakeUntilMs;
  }

  #stretch(atMs: number): number {
    return this.#isAtRest(atMs) ? restStretch : 1;
  }

  #stayAwake(untilMs: number): void {
    this.#awakeUntilMs = Math.max(this.#awakeUntilMs, untilMs);
  }
}

/** Above this share of a core otop is dearer than what it watches may cost. */
const budgetPercent = 5;
/** Programs that want to run, for each processor: from here on otop leaves the machine to others. */
const crowdedLoad = 3;

/**
 * The factor of the tick's length: 1 within the budget, 2 above it, 4 if otop itself uses twice of it or the machine is
 * crowded twice over. Events are heard at once all the same: only the net below them is widened.
 */
export function tickMultiplier(use: { readonly cpuPercent?: number; readonly loadPerCore: number }): number {
  const excess = Math.max((use.cpuPercent ?? 0) / budgetPercent, use.loadPerCore / crowdedLoad);
  if (excess <= 1) return 1;
  return excess <= 2 ? 2 : 4;
}
