import type { Reply } from '../domain/session/acts.ts';
import type { FleetEvent } from './fleet-event.ts';
import { type Expectation, plannedProcesses } from './fleet-plan.ts';
import { FleetState } from './fleet-state.ts';
import { Random } from './random.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { SimulatedAsk } from './simulated-session.ts';
import type { Script, Wait } from './turn-steps.ts';

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

interface RunningScript {
  readonly script: Script;
  nextMs: number;
  /** The ask whose answer lets the script go on before `nextMs`. */
  openAsk?: SimulatedAsk | undefined;
}

const dayMs = 86_400_000;

/**
 * A simulated fleet of opencode sessions. Each script yields the delay until its next step, and the steps run in the
 * order of their times. So the fleet depends on the seed, the elapsed time and the answers of otop's user, not on the
 * number of `advance` calls.
 */
export class Fleet {
  /** The expected state of each session when the demo opens. */
  readonly expects: readonly Expectation[];
  readonly #fleet: FleetState;
  readonly #scripts: RunningScript[];

  constructor({ seed, openingMs, liveSessions = 16, retentionMs = dayMs }: FleetOptions) {
    const random = new Random(seed);
    const fleet = new FleetState(random.fork(0), retentionMs);
    const planned = plannedProcesses(liveSessions);
    this.#fleet = fleet;
    this.expects = planned.flatMap(({ expects }) => expects ?? []);
    this.#scripts = planned.map(({ ageMs, play }, index) => ({
      script: play({ fleet, random: random.fork(index + 1), openingMs }),
      nextMs: openingMs - ageMs,
    }));
  }

  /** The running processes by pid, after the last `advance`. */
  get processes(): ReadonlyMap<number, SimulatedProcess> {
    return this.#fleet.processes;
  }

  /** Time of the next event, epoch ms; Infinity if there is none. */
  get nextEventMs(): number {
    return this.#next()?.nextMs ?? Number.POSITIVE_INFINITY;
  }

  /** Runs all steps due up to `nowMs` and returns their events in order; an empty array if the time goes back. */
  advance(nowMs: number): FleetEvent[] {
    for (let due = this.#next(); due !== undefined && due.nextMs <= nowMs; due = this.#next()) {
      this.#fleet.nowMs = due.nextMs;
      const wait = due.script.next();
      if (wait.done) this.#scripts.splice(this.#scripts.indexOf(due), 1);
      else this.#pause(due, wait.value);
    }
    return this.#fleet.takeEvents();
  }

  /** The open permission requests and questions, in the order of the processes. */
  get asks(): readonly SimulatedAsk[] {
    return this.#scripts.flatMap(({ openAsk }) => openAsk ?? []);
  }

  /**
   * Answers an open ask at `nowMs`, to which the fleet has advanced; the next `advance` runs what follows. Returns
   * false if the ask is not open.
   */
  reply(reply: Reply, nowMs: number): boolean {
    const asking = this.#scripts.find(({ openAsk }) => openAsk?.ask.id === reply.askId);
    if (!asking?.openAsk) return false;
    asking.openAsk.reply = reply;
    asking.openAsk = undefined;
    asking.nextMs = Math.max(nowMs, this.#fleet.nowMs);
    return true;
  }

  #pause(running: RunningScript, wait: Wait): void {
    const delayMs = typeof wait === 'number' ? wait : wait.waitMs;
    running.nextMs += Math.max(1, Math.round(delayMs));
    running.openAsk = typeof wait === 'number' ? undefined : wait.ask;
  }

  /** The script with the earliest next step; at equal times, the one that was added first. */
  #next(): RunningScript | undefined {
    let first: RunningScript | undefined;
    for (const each of this.#scripts) if (first === undefined || each.nextMs < first.nextMs) first = each;
    return first;
  }
}
