import { Crew } from './crew.ts';
import type { FleetEvent } from './fleet-event.ts';
import { Random } from './random.ts';
import { type Expectation, livesOf } from './roles.ts';
import type { Script } from './scenes.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** What decides a fleet. */
export interface FleetOptions {
  readonly seed: number;
  /** When it begins to be watched, epoch ms: every state is there then, and hours of history lie before. */
  readonly openingMs: number;
  /** How many processes with sessions; 16 unless told, and not fewer. */
  readonly liveSessions?: number;
  /** How long left sessions stay in the database; a day unless told. */
  readonly keepMs?: number;
}

interface Actor {
  readonly script: Script;
  nextMs: number;
}

const dayMs = 86_400_000;

/**
 * A simulated fleet of opencode sessions. Its scripts say when they go on, and are woken in the order of those times;
 * so the same seed and the same elapsed time give the same fleet, however often it is advanced in between.
 */
export class Fleet {
  /** What shows at the opening, a session each. */
  readonly expects: readonly Expectation[];
  readonly #crew: Crew;
  readonly #actors: Actor[];

  constructor({ seed, openingMs, liveSessions = 16, keepMs = dayMs }: FleetOptions) {
    const random = new Random(seed);
    const crew = new Crew(random.fork(0), keepMs);
    const lives = livesOf(liveSessions);
    this.#crew = crew;
    this.expects = lives.flatMap(({ expects }) => expects ?? []);
    this.#actors = lives.map(({ ageMs, play }, index) => ({
      script: play({ crew, random: random.fork(index + 1), openingMs }),
      nextMs: openingMs - ageMs,
    }));
  }

  /** The running processes, as of the last advance. */
  get processes(): ReadonlyMap<number, SimulatedProcess> {
    return this.#crew.processes;
  }

  /** When something happens next, epoch ms. */
  get nextEventMs(): number {
    return this.#next()?.nextMs ?? Number.POSITIVE_INFINITY;
  }

  /** Plays everything due up to `nowMs` and gives what was written, in order; earlier times give nothing. */
  advance(nowMs: number): FleetEvent[] {
    for (let actor = this.#next(); actor !== undefined && actor.nextMs <= nowMs; actor = this.#next()) {
      this.#crew.nowMs = actor.nextMs;
      const wait = actor.script.next();
      if (wait.done) this.#actors.splice(this.#actors.indexOf(actor), 1);
      else actor.nextMs += Math.max(1, Math.round(wait.value));
    }
    return this.#crew.takeEvents();
  }

  /** The actor that goes on first; of several at one instant the one that was hired first. */
  #next(): Actor | undefined {
    let first: Actor | undefined;
    for (const actor of this.#actors) if (first === undefined || actor.nextMs < first.nextMs) first = actor;
    return first;
  }
}
