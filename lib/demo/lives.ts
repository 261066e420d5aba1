import { type Job, jobs } from './cast.ts';
import type { Crew } from './crew.ts';
import { type IncidentName, incidents } from './incidents.ts';
import type { Random } from './random.ts';
import { openStep, plainTurn, prompt, type Script, type Stage, workStep } from './scenes.ts';

/** What a life is played with. */
export interface Setting {
  readonly crew: Crew;
  readonly random: Random;
  /** When the demo begins to be watched; everything before is history. */
  readonly openingMs: number;
}

/** Where a session stands when the demo begins, and how it came there. */
export interface Role {
  readonly job: Job;
  /** How long before the opening its first prompt was. */
  readonly ageMs: number;
  readonly incident: IncidentName;
  /** How long before the opening the incident began, and how long after it ends. */
  readonly sinceMs: number;
  readonly stayMs: number;
  /** Share of the model's window that is used when the session begins. */
  readonly contextShare?: number;
}

const second = 1000;
const minute = 60 * second;
const messagesUntilNew = 160;

/** The chances of what a person's next prompt leads to, in percent. */
const everydayChances: readonly (readonly [IncidentName, number])[] = [
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

/** A TUI from its first prompt to the opening, through its incident, and on for ever. */
export function* tuiLife(setting: Setting, role: Role): Script {
  const { crew, random } = setting;
  const process = crew.startTui(role.job.directory);
  yield random.between(5, 60) * second;
  const stage = yield* firstPrompt(setting, process, role.job, role.contextShare);
  yield* opening(setting, stage, role);
  yield* everyday(setting, stage);
}

/** `opencode serve`, which hosts a session of some other directory than its own. */
export function* serveLife(setting: Setting, role: Role, cwd: string): Script {
  const { crew } = setting;
  // No port is said to be open: otop would ask it, and somebody else's server may answer.
  const process = crew.startProcess({ kind: 'serve', args: ['serve'], cwd });
  yield 20 * second;
  const stage = yield* firstPrompt(setting, process, role.job, role.contextShare);
  yield* opening(setting, stage, role);
  yield* everyday(setting, stage);
}

/** `opencode run`, again and again: each time a process and a session of its own. */
export function* runLife(setting: Setting, role: Role): Script {
  const { crew, random, openingMs } = setting;
  yield openingMs - role.sinceMs - crew.nowMs;
  for (let untilMs = openingMs + role.stayMs; ; untilMs = crew.nowMs + random.between(20, 90) * second) {
    const { prompts, model, directory } = role.job;
    const args = ['run', '--model', `${model.providerID}/${model.modelID}`, ...prompts[0].split(' ')];
    const process = crew.startProcess({ kind: 'run', args, cwd: directory, tty: 'pts/90' });
    yield 900;
    const session = crew.startSession(process, role.job);
    session.name(role.job.title);
    yield* incidents[role.incident]({ session, job: role.job, random }, crew, untilMs);
    yield 300;
    crew.endProcess(process);
    crew.left(session);
    yield random.between(4, 15) * minute;
  }
}

/** A TUI that was just opened: no session until its first prompt, some minutes after the opening. */
export function* freshLife(setting: Setting, job: Job, sinceMs: number, stayMs: number): Script {
  const { crew, openingMs } = setting;
  yield openingMs - sinceMs - crew.nowMs;
  const process = crew.startTui(job.directory);
  yield sinceMs + stayMs;
  const stage = yield* firstPrompt(setting, process, job);
  yield* everyday(setting, stage);
}

/** Killed amid an answer, left unfinished over the opening, and opened again with `-s` later. */
export function* staleLife(setting: Setting, job: Job, sinceMs: number): Script {
  const { crew, random, openingMs } = setting;
  const process = crew.startTui(job.directory);
  yield 20 * second;
  const stage = yield* firstPrompt(setting, process, job);
  yield* history(setting, stage, openingMs - sinceMs);
  yield* prompt(stage);
  yield* openStep(stage);
  stage.session.startText('text');
  yield 9 * second;
  stage.session.leave();
  crew.endProcess(process);
  yield openingMs + 7 * minute - crew.nowMs;
  stage.session.process = crew.startTui(job.directory, ['-s', stage.session.id]);
  stage.session.process.shownTitle = stage.session.title;
  yield random.between(30, 90) * second;
  yield* everyday(setting, stage);
}

/** A TUI that outlived its terminal, hours ago: idle for ever. */
export function* orphanLife(setting: Setting, job: Job): Script {
  const { crew } = setting;
  const process = crew.startProcess({ kind: 'tui', args: [], cwd: job.directory, orphan: true, mcp: true });
  yield 10 * second;
  const stage = yield* firstPrompt(setting, process, job);
  yield* plainTurn(stage, 3);
}

/** A session of earlier, whose process has ended. */
export function* pastLife(setting: Setting, job: Job, turns: number): Script {
  const { crew, random } = setting;
  const process = crew.startTui(job.directory);
  yield 15 * second;
  const stage = yield* firstPrompt(setting, process, job);
  for (let i = 0; i < turns; i++) {
    yield random.between(1, 6) * minute;
    yield* plainTurn(stage, 1);
  }
  crew.endProcess(process);
  crew.left(stage.session);
}

function* firstPrompt(
  { crew, random }: Setting,
  process: ReturnType<Crew['startTui']>,
  job: Job,
  contextShare?: number,
): Generator<number, Stage, void> {
  const session = crew.startSession(process, job, contextShare);
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

function* opening(setting: Setting, stage: Stage, role: Role): Script {
  const { crew, openingMs } = setting;
  yield* history(setting, stage, openingMs - role.sinceMs);
  yield* incidents[role.incident](stage, crew, openingMs + role.stayMs);
  yield Math.max(0, openingMs + role.stayMs - crew.nowMs);
}

/** Turns without incident up to `untilMs`: dense in the last hour, whose token rates are shown, rare before. */
function* history({ openingMs }: Setting, stage: Stage, untilMs: number): Script {
  const { session, random } = stage;
  const longestTurnMs = 2.5 * minute;
  while (untilMs - session.nowMs > longestTurnMs) {
    const inLastHour = openingMs - session.nowMs < 65 * minute;
    const pauseMs = inLastHour ? random.between(5, 15) * minute : random.between(20, 45) * minute;
    yield Math.min(pauseMs, untilMs - session.nowMs);
    if (untilMs - session.nowMs > longestTurnMs) yield* plainTurn(stage, random.chance(30) ? 2 : 1);
  }
  yield Math.max(0, untilMs - session.nowMs);
}

function* everyday({ crew, random }: Setting, stage: Stage): Script {
  for (;;) {
    yield random.between(20, 240) * second;
    if (stage.session.messageCount > messagesUntilNew) yield* startOver(crew, stage);
    const holdMs = random.between(10, 90) * second;
    yield* incidents[nextIncident(stage)](stage, crew, crew.nowMs + holdMs);
  }
}

/** `/new` in the TUI: the home screen for a while, then another session of the same process. */
function* startOver(crew: Crew, stage: Stage): Script {
  const { session, job, random } = stage;
  crew.left(session);
  delete session.process.shownTitle;
  yield random.between(10, 60) * second;
  stage.session = crew.startSession(session.process, job);
  stage.session.name(random.pick(job.prompts));
}

function nextIncident({ session, job, random }: Stage): IncidentName {
  if (session.contextTokens > 0.85 * job.model.contextTokens) return 'compacting';
  let drawn = random.between(1, 100);
  for (const [name, percent] of everydayChances) {
    if (drawn <= percent) return name;
    drawn -= percent;
  }
  return 'plain';
}

/** Jobs of the sessions that earlier hours left behind. */
export const pastJobs = [
  jobs.review,
  jobs.mobile,
  jobs.search,
  jobs.docs,
  jobs.infra,
  jobs.refactor,
] as const;
