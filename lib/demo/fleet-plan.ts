import { demoHome, type Job, jobs } from './jobs.ts';
import {
  freshLife,
  orphanLife,
  pastJobs,
  pastLife,
  type Role,
  runLife,
  type Setting,
  serveLife,
  staleLife,
  tuiLife,
} from './process-scripts.ts';
import type { Script } from './turn-steps.ts';

/** The expected state of a session when the demo opens. */
export interface Expectation {
  readonly title?: string;
  readonly state: string;
  readonly askingFor?: 'permission' | 'question';
}

/** The script of one process and its sessions, and how long before the opening it begins. */
export interface Life {
  readonly ageMs: number;
  readonly play: (setting: Setting) => Script;
  /** Absent if the process has ended normally by then. */
  readonly expects?: Expectation;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

function tui(role: Role, state: string, askingFor?: 'permission' | 'question'): Life {
  const expects = { title: role.job.title, state, ...(askingFor && { askingFor }) };
  return { ageMs: role.ageMs, play: (setting) => tuiLife(setting, role), expects };
}

const serveRole: Role = {
  job: jobs.infra,
  ageMs: 64 * minute,
  incident: 'command',
  sinceMs: 55 * second,
  stayMs: 50 * second,
  contextShare: 0.3,
};

const runRole: Role = {
  job: jobs.review,
  ageMs: 3 * minute,
  incident: 'generating',
  sinceMs: 32 * second,
  stayMs: 22 * second,
};

/** The lives that show every state when the demo opens. */
const openingLives: readonly Life[] = [
  tui(
    {
      job: jobs.refactor,
      ageMs: 132 * minute,
      incident: 'permission',
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
      incident: 'question',
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
      incident: 'subagent',
      sinceMs: 110 * second,
      stayMs: 60 * second,
      contextShare: 0.4,
    },
    'asking',
    'permission',
  ),
  tui(
    { job: jobs.local, ageMs: 50 * minute, incident: 'error', sinceMs: 6 * minute, stayMs: 90 * second },
    'error',
  ),
  tui(
    {
      job: jobs.docs,
      ageMs: 58 * minute,
      incident: 'truncated',
      sinceMs: 150 * second,
      stayMs: 120 * second,
    },
    'truncated',
  ),
  tui(
    { job: jobs.mobile, ageMs: 66 * minute, incident: 'retrying', sinceMs: 45 * second, stayMs: 40 * second },
    'retrying',
  ),
  tui(
    { job: jobs.flaky, ageMs: 88 * minute, incident: 'command', sinceMs: 50 * second, stayMs: 35 * second },
    'tool use',
  ),
  tui(
    {
      job: jobs.pipeline,
      ageMs: 40 * minute,
      incident: 'generating',
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
      incident: 'thinking',
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
      incident: 'compacting',
      sinceMs: 60 * second,
      stayMs: 18 * second,
      contextShare: 0.7,
    },
    'compacting',
  ),
  tui(
    { job: jobs.search, ageMs: 82 * minute, incident: 'queued', sinceMs: 40 * second, stayMs: 20 * second },
    'queued',
  ),
  tui(
    { job: jobs.game, ageMs: 47 * minute, incident: 'plain', sinceMs: 4 * minute, stayMs: 150 * second },
    'idle',
  ),
  {
    ageMs: serveRole.ageMs,
    play: (setting) => serveLife(setting, serveRole, demoHome),
    expects: { title: jobs.infra.title, state: 'tool use' },
  },
  {
    ageMs: runRole.ageMs,
    play: (setting) => runLife(setting, runRole),
    expects: { title: jobs.review.title, state: 'generating' },
  },
  {
    ageMs: 5 * hour,
    play: (setting) => orphanLife(setting, jobs.orphan),
    expects: { title: jobs.orphan.title, state: 'idle' },
  },
  {
    ageMs: 100 * second,
    play: (setting) => freshLife(setting, jobs.fresh, 95 * second, 150 * second),
    expects: { state: 'new' },
  },
];

const staleJob: Job = {
  ...jobs.game,
  title: 'Port the save games',
  directory: `${demoHome}/src/save-games`,
};
const staleLifeOfFleet: Life = {
  ageMs: 70 * minute,
  play: (setting) => staleLife(setting, staleJob, 26 * minute),
  expects: { title: staleJob.title, state: 'stale' },
};

const pastLives: readonly Life[] = pastJobs.map((job, i) => ({
  ageMs: (3 + i * 2.3) * hour,
  play: (setting) => pastLife(setting, { ...job, title: job.prompts[1] }, 2),
}));

const extraJobs = Object.values(jobs).filter((job) => job !== jobs.fresh && job !== jobs.orphan);

/** A session with ordinary work, for fleets above 16; several share a directory. */
function extraLife(index: number): Life {
  const job = extraJobs[index % extraJobs.length] ?? jobs.refactor;
  const ageMs = (20 + ((index * 7) % 90)) * minute;
  const named = { ...job, title: `${job.title} (${2 + Math.floor(index / extraJobs.length)})` };
  const role: Role = { job: named, ageMs, incident: 'plain', sinceMs: 3 * minute, stayMs: index * second };
  return { ageMs, play: (setting) => tuiLife(setting, role) };
}

/** Returns the lives of a fleet with this number of live sessions, at least those of the opening. */
export function livesOf(liveSessions: number): readonly Life[] {
  const extraCount = Math.max(0, liveSessions - openingLives.length);
  return [
    ...openingLives,
    staleLifeOfFleet,
    ...pastLives,
    ...Array.from({ length: extraCount }, (_, index) => extraLife(index)),
  ];
}
