import type { FleetState } from './fleet-state.ts';
import { type Job, jobs } from './jobs.ts';
import type { Random } from './random.ts';
import { type StateTurnName, stateTurns } from './state-turns.ts';
import { openStep, plainTurn, prompt, type Script, type Stage, workStep } from './turn-steps.ts';

/** Parameters of a process's script. */
export interface Setting {
  readonly fleet: FleetState;
  readonly random: Random;
  /** When the demo opens, epoch ms; earlier events are history. */
  readonly openingMs: number;
}

/** The state of a session when the demo opens, and its history. */
export interface SessionPlan {
  readonly job: Job;
  /** How long before the opening its process started. */
  readonly ageMs: number;
  readonly turn: StateTurnName;
  /** How long before the opening the turn begins, and how long after the opening it ends. */
  readonly sinceMs: number;
  readonly stayMs: number;
  /** Used share (0 to 1) of the model's window when the session begins. */
  readonly contextShare?: number;
}

const second = 1000;
const minute = 60 * second;
/** A longer session is followed by a new one. */
const maxMessages = 160;

/** Probability of each turn at the next prompt, in percent; otherwise the turn is plain. */
const everydayChances: readonly (readonly [StateTurnName, number])[] = [
  ['permission', 12],
  ['question', 7],
  ['subagent', 7],
  ['command', 9],
  ['retrying', 5],
  ['thinking', 6],
  ['generating', 6],
  ['queued', 4],
  ['truncated', 3],
  ['error', 3],
];

/** A TUI: history until the opening, its turn, then endless everyday turns. */
export function* tuiScript(setting: Setting, plan: SessionPlan): Script {
  const { fleet, random } = setting;
  const process = fleet.startTui(plan.job.directory);
  yield random.between(5, 60) * second;
  const stage = yield* firstPrompt(setting, process, plan.job, plan.contextShare);
  yield* opening(setting, stage, plan);
  yield* everyday(setting, stage);
}

/** `opencode serve`, which hosts a session of another directory than its own. */
export function* serveScript(setting: Setting, plan: SessionPlan, cwd: string): Script {
  const { fleet } = setting;
  // The process has no port: otop would connect to it, and a real server may listen there.
  const process = fleet.startProcess({ kind: 'serve', args: ['serve'], cwd });
  yield 20 * second;
  const stage = yield* firstPrompt(setting, process, plan.job, plan.contextShare);
  yield* opening(setting, stage, plan);
  yield* everyday(setting, stage);
}

/** Repeated `opencode run`: each time with a new process and a new session. */
export function* runScript(setting: Setting, plan: SessionPlan): Script {
  const { fleet, random, openingMs } = setting;
  yield openingMs - plan.sinceMs - fleet.nowMs;
  for (let untilMs = openingMs + plan.stayMs; ; untilMs = fleet.nowMs + random.between(20, 90) * second) {
    const { prompts, model, directory } = plan.job;
    const args = ['run', '--model', `${model.providerID}/${model.modelID}`, ...prompts[0].split(' ')];
    const process = fleet.startProcess({ kind: 'run', args, cwd: directory, tty: 'pts/90' });
    yield 900;
    const session = fleet.startSession(process, plan.job);
    session.name(plan.job.title);
    yield* stateTurns[plan.turn]({ session, job: plan.job, random }, fleet, untilMs);
    yield 300;
    fleet.endProcess(process);
    fleet.endSession(session);
    yield random.between(4, 15) * minute;
  }
}

/** A new TUI without a session; its first prompt comes some minutes after the opening. */
export function* freshScript(setting: Setting, job: Job, sinceMs: number, stayMs: number): Script {
  const { fleet, openingMs } = setting;
  yield openingMs - sinceMs - fleet.nowMs;
  const process = fleet.startTui(job.directory);
  yield sinceMs + stayMs;
  const stage = yield* firstPrompt(setting, process, job);
  yield* everyday(setting, stage);
}

/** A TUI that is killed during an answer; a later TUI resumes the session with `-s`. */
export function* staleScript(setting: Setting, job: Job, sinceMs: number): Script {
  const { fleet, random, openingMs } = setting;
  const process = fleet.startTui(job.directory);
  yield 20 * second;
  const stage = yield* firstPrompt(setting, process, job);
  yield* history(setting, stage, openingMs - sinceMs);
  yield* prompt(stage);
  yield* openStep(stage);
  stage.session.startText('text');
  yield 9 * second;
  stage.session.leave();
  fleet.endProcess(process);
  yield openingMs + 7 * minute - fleet.nowMs;
  stage.session.process = fleet.startTui(job.directory, ['-s', stage.session.id]);
  stage.session.process.shownTitle = stage.session.title;
  yield random.between(30, 90) * second;
  yield* everyday(setting, stage);
}

/** A TUI that has lost its terminal hours ago and stays idle. */
export function* orphanScript(setting: Setting, job: Job): Script {
  const { fleet } = setting;
  const process = fleet.startProcess({ kind: 'tui', args: [], cwd: job.directory, orphan: true, mcp: true });
  yield 10 * second;
  const stage = yield* firstPrompt(setting, process, job);
  yield* plainTurn(stage, 3);
}

/** A past session whose process has ended. */
export function* pastScript(setting: Setting, job: Job, turns: number): Script {
  const { fleet, random } = setting;
  const process = fleet.startTui(job.directory);
  yield 15 * second;
  const stage = yield* firstPrompt(setting, process, job);
  for (let i = 0; i < turns; i++) {
    yield random.between(1, 6) * minute;
    yield* plainTurn(stage, 1);
  }
  fleet.endProcess(process);
  fleet.endSession(stage.session);
}

function* firstPrompt(
  { fleet, random }: Setting,
  process: ReturnType<FleetState['startTui']>,
  job: Job,
  contextShare?: number,
): Script<Stage> {
  const session = fleet.startSession(process, job, contextShare);
  const stage: Stage = { session, job, random };
  yield* prompt(stage);
  yield* workStep(stage);
  session.name(job.title);
  session.beginStep();
  yield 1500;
  session.startText('text');
  yield 3000;
  session.endText('I have an overview now. Shall I begin?');
  session.endStep('stop');
  yield 10;
  return stage;
}

function* opening(setting: Setting, stage: Stage, plan: SessionPlan): Script {
  const { fleet, openingMs } = setting;
  yield* history(setting, stage, openingMs - plan.sinceMs);
  yield* stateTurns[plan.turn](stage, fleet, openingMs + plan.stayMs);
  yield Math.max(0, openingMs + plan.stayMs - fleet.nowMs);
}

/** Plain turns up to `untilMs`: frequent in the last hour, whose token rates are displayed, rare before. */
function* history({ openingMs }: Setting, stage: Stage, untilMs: number): Script {
  const { session, random } = stage;
  const maxTurnMs = 2.5 * minute;
  while (untilMs - session.nowMs > maxTurnMs) {
    const isInLastHour = openingMs - session.nowMs < 65 * minute;
    const pauseMs = isInLastHour ? random.between(5, 15) * minute : random.between(20, 45) * minute;
    yield Math.min(pauseMs, untilMs - session.nowMs);
    if (untilMs - session.nowMs > maxTurnMs) yield* plainTurn(stage, random.chance(30) ? 2 : 1);
  }
  yield Math.max(0, untilMs - session.nowMs);
}

function* everyday({ fleet, random }: Setting, stage: Stage): Script {
  for (;;) {
    yield random.between(20, 240) * second;
    if (stage.session.messageCount > maxMessages) yield* startOver(fleet, stage);
    const holdMs = random.between(10, 90) * second;
    yield* stateTurns[nextTurn(stage)](stage, fleet, fleet.nowMs + holdMs);
  }
}

/** `/new` in the TUI: the home screen for up to a minute, then another session of the same process. */
function* startOver(fleet: FleetState, stage: Stage): Script {
  const { session, job, random } = stage;
  fleet.endSession(session);
  delete session.process.shownTitle;
  yield random.between(10, 60) * second;
  stage.session = fleet.startSession(session.process, job);
  stage.session.name(random.pick(job.prompts));
}

function nextTurn({ session, job, random }: Stage): StateTurnName {
  if (session.contextTokens > 0.85 * job.model.contextTokens) return 'compacting';
  let drawn = random.between(1, 100);
  for (const [name, percent] of everydayChances) {
    if (drawn <= percent) return name;
    drawn -= percent;
  }
  return 'plain';
}

/** Jobs of the past sessions. */
export const pastJobs = [
  jobs.review,
  jobs.mobile,
  jobs.search,
  jobs.docs,
  jobs.infra,
  jobs.refactor,
] as const;
