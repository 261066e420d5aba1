import type { FleetEvent } from './fleet-event.ts';
import { type Expectation, livesOf } from './fleet-plan.ts';
import { Crew } from './fleet-state.ts';
import { Random } from './random.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { Script } from './turn-steps.ts';

/** Parameters of a fleet: the same ones give the same fleet. */
export interface FleetOptions {
  readonly seed: number;
  /** When the demo opens, epoch ms: every state is present then, after hours of history. */
  readonly openingMs: number;
  /** Number of processes with sessions; default and minimum 16. */
  readonly liveSessions?: number;
  /** How long ended sessions stay in the database, in ms; default one day. */
  readonly retentionMs?: number;
}

interface Actor {
  readonly script: Script;
  nextMs: number;
}

const dayMs = 86_400_000;

/**
 * A simulated fleet of opencode sessions. Each script yields the delay until its next step, and the steps run in the
 * order of their times. So the fleet depends on the seed and the elapsed time, not on the number of `advance` calls.
 */
export class Fleet {
  /** The expected state of each session when the demo opens. */
  readonly expects: readonly Expectation[];
  readonly #crew: Crew;
  readonly #actors: Actor[];

  constructor({ seed, openingMs, liveSessions = 16, retentionMs = dayMs }: FleetOptions) {
    const random = new Random(seed);
    const crew = new Crew(random.fork(0), retentionMs);
    const lives = livesOf(liveSessions);
    this.#crew = crew;
    this.expects = lives.flatMap(({ expects }) => expects ?? []);
    this.#actors = lives.map(({ ageMs, play }, index) => ({
      script: play({ crew, random: random.fork(index + 1), openingMs }),
      nextMs: openingMs - ageMs,
    }));
  }

  /** The running processes by pid, after the last `advance`. */
  get processes(): ReadonlyMap<number, SimulatedProcess> {
    return this.#crew.processes;
  }

  /** Time of the next event, epoch ms; Infinity if there is none. */
  get nextEventMs(): number {
    return this.#next()?.nextMs ?? Number.POSITIVE_INFINITY;
  }

  /** Runs all steps due up to `nowMs` and returns their events in order; an empty array if the time goes back. */
  advance(nowMs: number): FleetEvent[] {
    for (let actor = this.#next(); actor !== undefined && actor.nextMs <= nowMs; actor = this.#next()) {
      this.#crew.nowMs = actor.nextMs;
      const wait = actor.script.next();
      if (wait.done) this.#actors.splice(this.#actors.indexOf(actor), 1);
      else actor.nextMs += Math.max(1, Math.round(wait.value));
    }
    return this.#crew.takeEvents();
  }

  /** The actor with the earliest next step; at equal times, the one that was added first. */
  #next(): Actor | undefined {
    let first: Actor | undefined;
    for (const actor of this.#actors) if (first === undefined || actor.nextMs < first.nextMs) first = actor;
    return first;
  }
}
