import type { FleetEvent } from './fleet-event.ts';
import { createIds } from './ids.ts';
import { demoHome, type Job, slugs } from './jobs.ts';
import type { Random } from './random.ts';
import { type ProcessStart, SimulatedProcess } from './simulated-process.ts';
import { type SessionStart, SimulatedSession, type SimulationContext } from './simulated-session.ts';

/**
 * Above every real pid, which is below 2^22 on Linux (`PID_MAX_LIMIT`) and below 100,000 on macOS. So an action on a
 * simulated process never reaches a real one.
 */
export const firstPid = 4_200_000;

/** The fields that a caller gives for a new process; `startProcess` fills in the rest. */
export type Launch = Pick<ProcessStart, 'kind' | 'args' | 'cwd'> & Partial<ProcessStart>;

/** The shared state of the fleet: starts and ends processes and sessions for the scripts, and collects their events. */
export class FleetState implements SimulationContext {
  nowMs = 0;
  readonly newId: SimulationContext['newId'];
  /** The running processes, oldest first. */
  readonly processes = new Map<number, SimulatedProcess>();
  readonly #random: Random;
  readonly #retentionMs: number;
  readonly #projects = new Map<string, string>();
  #events: FleetEvent[] = [];
  #ended: { readonly sessionId: string; readonly atMs: number }[] = [];
  #pid = firstPid;
  #terminals = 0;

  /** A session is deleted `retentionMs` after `endSession`. */
  constructor(random: Random, retentionMs: number) {
    this.#random = random;
    this.#retentionMs = retentionMs;
    this.newId = createIds(random.fork(1));
  }

  /** Adds an event to those of the next `takeEvents`. */
  emit(event: FleetEvent): void {
    this.#events.push(event);
  }

  /** Returns the events since the last call, in order. */
  takeEvents(): FleetEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Starts a process at the current simulated time. */
  startProcess(launch: Launch): SimulatedProcess {
    this.#pid += this.#random.between(3, 190);
    const start: ProcessStart = {
      pid: this.#pid,
      run: this.#random.text('0123456789abcdef', 8),
      startedAtMs: this.nowMs,
      ...launch,
    };
    const process = new SimulatedProcess(start, (event) => this.emit(event));
    this.processes.set(start.pid, process);
    process.log(this.nowMs, 'creating instance', { directory: start.cwd });
    return process;
  }

  /** Starts a TUI in a tmux pane of its own. */
  startTui(cwd: string, args: readonly string[] = []): SimulatedProcess {
    const n = this.#terminals++;
    const tmuxTarget = `work:${1 + Math.floor(n / 3)}.${n % 3}`;
    return this.startProcess({ kind: 'tui', args, cwd, tty: `pts/${n + 1}`, tmuxTarget, mcp: n % 4 === 0 });
  }

  /** Removes a process from the process table. */
  endProcess(process: SimulatedProcess): void {
    this.processes.delete(process.start.pid);
  }

  /** Creates a session of a process, as its first prompt does. `contextShare` (0 to 1) of the window is already used. */
  startSession(process: SimulatedProcess, job: Job, contextShare = 0): SimulatedSession {
    this.#deleteExpired();
    const session = this.#createSession(process, {
      directory: job.directory,
      projectId: this.#projectOf(job.directory),
      slug: this.#random.pick(slugs),
      model: job.model,
      agent: 'build',
    });
    const target = Math.round(contextShare * job.model.contextTokens);
    session.contextTokens = Math.max(session.contextTokens, target);
    return session;
  }

  /** Creates a subagent's session in its parent's process. */
  startSubagent(parent: SimulatedSession, agent: string, title: string): SimulatedSession {
    return this.#createSession(parent.process, { ...parent.start, parent, agent, title });
  }

  /** Marks a session as ended, so that it is deleted after the retention time. */
  endSession(session: SimulatedSession): void {
    this.#ended.push({ sessionId: session.id, atMs: this.nowMs });
  }

  #createSession(process: SimulatedProcess, start: SessionStart): SimulatedSession {
    return new SimulatedSession(this, this.#random.fork(this.#random.next32()), process, start);
  }

  #projectOf(worktree: string): string {
    if (worktree === demoHome) return 'global';
    const known = this.#projects.get(worktree);
    if (known !== undefined) return known;
    const id = this.#random.text('0123456789abcdef', 40);
    this.#projects.set(worktree, id);
    this.emit({ kind: 'project', id, worktree, atMs: this.nowMs });
    return id;
  }

  #deleteExpired(): void {
    const isExpired = ({ atMs }: { atMs: number }) => atMs < this.nowMs - this.#retentionMs;
    for (const { sessionId } of this.#ended.filter(isExpired)) {
      this.emit({ kind: 'forgotten', sessionId, atMs: this.nowMs });
    }
    this.#ended = this.#ended.filter((one) => !isExpired(one));
  }
}
