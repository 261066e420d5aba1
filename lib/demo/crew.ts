import { demoHome, type Job, slugs } from './cast.ts';
import type { FleetEvent } from './fleet-event.ts';
import { createIds } from './ids.ts';
import type { Random } from './random.ts';
import { type ProcessStart, SimulatedProcess } from './simulated-process.ts';
import { type SessionStart, SimulatedSession, type World } from './simulated-session.ts';

/**
 * Above every real process number, which is below 2^22 on Linux (`PID_MAX_LIMIT`) and 100,000 on macOS: whatever is
 * done to a process of the fleet can never meet a real one.
 */
export const firstPid = 4_200_000;

/** What a new process needs to be told; the rest the crew decides. */
export type Launch = Pick<ProcessStart, 'kind' | 'args' | 'cwd'> & Partial<ProcessStart>;

/** Hires processes and sessions for the scripts, and lets them go: all that the fleet shares but time itself. */
export class Crew implements World {
  nowMs = 0;
  readonly newId: World['newId'];
  /** The running processes, oldest first. */
  readonly processes = new Map<number, SimulatedProcess>();
  readonly #random: Random;
  readonly #keepMs: number;
  readonly #projects = new Map<string, string>();
  #events: FleetEvent[] = [];
  #ended: { readonly sessionId: string; readonly atMs: number }[] = [];
  #pid = firstPid;
  #terminals = 0;

  /** Sessions that nobody runs any more are deleted `keepMs` after they were left. */
  constructor(random: Random, keepMs: number) {
    this.#random = random;
    this.#keepMs = keepMs;
    this.newId = createIds(random.fork(1));
  }

  emit(event: FleetEvent): void {
    this.#events.push(event);
  }

  /** Everything written since the last call, in order. */
  takeEvents(): FleetEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Starts a process now. */
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

  endProcess(process: SimulatedProcess): void {
    this.processes.delete(process.start.pid);
  }

  /** Creates a session of a process, as its first prompt does. */
  startSession(process: SimulatedProcess, job: Job, contextShare = 0): SimulatedSession {
    this.#forgetOld();
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

  /** A subagent's session, run by its parent's process. */
  startSubagent(parent: SimulatedSession, agent: string, title: string): SimulatedSession {
    return this.#createSession(parent.process, { ...parent.start, parent, agent, title });
  }

  /** Nobody will go on with this session. */
  left(session: SimulatedSession): void {
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

  #forgetOld(): void {
    const isOld = ({ atMs }: { atMs: number }) => atMs < this.nowMs - this.#keepMs;
    for (const { sessionId } of this.#ended.filter(isOld)) {
      this.emit({ kind: 'forgotten', sessionId, atMs: this.nowMs });
    }
    this.#ended = this.#ended.filter((one) => !isOld(one));
  }
}
