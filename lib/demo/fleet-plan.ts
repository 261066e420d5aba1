import { demoHome, type Job, jobs } from './jobs.ts';
import {
  freshScript,
  orphanScript,
  pastJobs,
  pastScript,
  runScript,
  type SessionPlan,
  type Setting,
  serveScript,
  staleScript,
  tuiScript,
} from './process-scripts.ts';
import type { Script } from './turn-steps.ts';

/** The expected state of a session when the demo opens. */
export interface Expectation {
  readonly title?: string;
  readonly state: string;
  readonly askingFor?: 'permission' | 'question';
}

/** The script of one process and its sessions, and how long before the opening it begins. */
export interface PlannedProcess {
  readonly ageMs: number;
  readonly play: (setting: Setting) => Script;
  /** Absent if the process has ended normally by then. */
  readonly expects?: Expectation;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

function tui(plan: SessionPlan, state: string, askingFor?: 'permission' | 'question'): PlannedProcess {
  const expects = { title: plan.job.title, state, ...(askingFor && { askingFor }) };
  return { ageMs: plan.ageMs, play: (setting) => tuiScript(setting, plan), expects };
}

const servePlan: SessionPlan = {
  job: jobs.infra,
  ageMs: 64 * minute,
  turn: 'command',
  sinceMs: 55 * second,
  stayMs: 50 * second,
  contextShare: 0.3,
};

const runPlan: SessionPlan = {
  job: jobs.review,
  ageMs: 3 * minute,
  turn: 'generating',
  sinceMs: 32 * second,
  stayMs: 22 * second,
};

/** The processes that show every state when the demo opens. */
const openingProcesses: readonly PlannedProcess[] = [
  tui(
    {
      job: jobs.refactor,
      ageMs: 132 * minute,
      turn: 'permission',
      sinceMs: 200 * second,
      stayMs: 75 * second,
      contextShare: 0.62,
    },
    'asking',
    'permission',
  ),
  tui(
    {
      job: jobs.schema,
      ageMs: 75 * minute,
      turn: 'question',
      sinceMs: 70 * second,
      stayMs: 100 * second,
      contextShare: 0.2,
    },
    'asking',
    'question',
  ),
  tui(
    {
      job: jobs.auth,
      ageMs: 96 * minute,
      turn: 'subagent',
      sinceMs: 110 * second,
      stayMs: 60 * second,
      contextShare: 0.4,
    },
    'asking',
    'permission',
  ),
  tui(
    { job: jobs.local, ageMs: 50 * minute, turn: 'error', sinceMs: 6 * minute, stayMs: 90 * second },
    'error',
  ),
  tui(
    {
      job: jobs.docs,
      ageMs: 58 * minute,
      turn: 'truncated',
      sinceMs: 150 * second,
      stayMs: 120 * second,
    },
    'truncated',
  ),
  tui(
    { job: jobs.mobile, ageMs: 66 * minute, turn: 'retrying', sinceMs: 45 * second, stayMs: 40 * second },
    'retrying',
  ),
  tui(
    { job: jobs.flaky, ageMs: 88 * minute, turn: 'command', sinceMs: 50 * second, stayMs: 35 * second },
    'tool use',
  ),
  tui(
    {
      job: jobs.pipeline,
      ageMs: 40 * minute,
      turn: 'generating',
      sinceMs: 25 * second,
      stayMs: 15 * second,
      contextShare: 0.2,
    },
    'generating',
  ),
  tui(
    {
      job: jobs.parser,
      ageMs: 140 * minute,
      turn: 'thinking',
      sinceMs: 20 * second,
      stayMs: 12 * second,
      contextShare: 0.35,
    },
    'thinking',
  ),
  tui(
    {
      job: jobs.legacy,
      ageMs: 125 * minute,
      turn: 'compacting',
      sinceMs: 60 * second,
      stayMs: 18 * second,
      contextShare: 0.7,
    },
    'compacting',
  ),
  tui(
    { job: jobs.search, ageMs: 82 * minute, turn: 'queued', sinceMs: 40 * second, stayMs: 20 * second },
    'queued',
  ),
  tui(
    { job: jobs.game, ageMs: 47 * minute, turn: 'plain', sinceMs: 4 * minute, stayMs: 150 * second },
    'idle',
  ),
  {
    ageMs: servePlan.ageMs,
    play: (setting) => serveScript(setting, servePlan, demoHome),
    expects: { title: jobs.infra.title, state: 'tool use' },
  },
  {
    ageMs: runPlan.ageMs,
    play: (setting) => runScript(setting, runPlan),
    expects: { title: jobs.review.title, state: 'generating' },
  },
  {
    ageMs: 5 * hour,
    play: (setting) => orphanScript(setting, jobs.orphan),
    expects: { title: jobs.orphan.title, state: 'idle' },
  },
  {
    ageMs: 100 * second,
    play: (setting) => freshScript(setting, jobs.fresh, 95 * second, 150 * second),
    expects: { state: 'new' },
  },
];

const staleJob: Job = {
  ...jobs.game,
  title: 'Port the save games',
  directory: `${demoHome}/src/save-games`,
};
const staleProcess: PlannedProcess = {
  ageMs: 70 * minute,
  play: (setting) => staleScript(setting, staleJob, 26 * minute),
  expects: { title: staleJob.title, state: 'stale' },
};

const pastProcesses: readonly PlannedProcess[] = pastJobs.map((job, i) => ({
  ageMs: (3 + i * 2.3) * hour,
  play: (setting) => pastScript(setting, { ...job, title: job.prompts[1] }, 2),
}));

const extraJobs = Object.values(jobs).filter((job) => job !== jobs.fresh && job !== jobs.orphan);

/** A session with ordinary work, for fleets above 16; several share a directory. */
function extraProcess(index: number): PlannedProcess {
  const job = extraJobs[index % extraJobs.length] ?? jobs.refactor;
  const ageMs = (20 + ((index * 7) % 90)) * minute;
  const named = { ...job, title: `${job.title} (${2 + Math.floor(index / extraJobs.length)})` };
  const plan: SessionPlan = { job: named, ageMs, turn: 'plain', sinceMs: 3 * minute, stayMs: index * second };
  return { ageMs, play: (setting) => tuiScript(setting, plan) };
}

/** Returns the processes of a fleet with this number of live sessions, at least those of the opening. */
export function plannedProcesses(liveSessions: number): readonly PlannedProcess[] {
  const extraCount = Math.max(0, liveSessions - openingProcesses.length);
  return [
    ...openingProcesses,
    staleProcess,
    ...pastProcesses,
    ...Array.from({ length: extraCount }, (_, index) => extraProcess(index)),
  ];
}
