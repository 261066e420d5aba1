import { correlate } from '../lib/domain/evidence/correlate.ts';
import type { Match } from '../lib/domain/evidence/match.ts';
import { noActivity, rememberActivity } from '../lib/domain/evidence/rules/activity.ts';
import { nowMs } from '../spec/support/builders.ts';
import { type CrowdEvidence, crowdOf } from '../spec/support/crowd.ts';

/** `npm run bench:matching`: the cost of matching 200 processes and 2,000 sessions, by kind of evidence. */

const warmUps = 50;
const rounds = 200;

function measure(evidence: CrowdEvidence): string {
  const { processes, sessions, log } = crowdOf(200, 2000, evidence);
  const scene = { processes, sessions, log, extraEvidence: [], nowMs };
  let activity = noActivity;
  let previous: readonly Match[] = [];
  const times: number[] = [];
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const before = process.cpuUsage();
    const startMs = performance.now();
    activity = rememberActivity(activity, scene);
    previous = correlate({ ...scene, previous, activity }).matches;
    const { user, system } = process.cpuUsage(before);
    if (round >= warmUps) times.push(Math.min((user + system) / 1000, performance.now() - startMs));
  }
  times.sort((one, other) => one - other);
  const at = (share: number) => `${(times[Math.floor(share * rounds)] ?? 0).toFixed(1)} ms`;
  return `by ${evidence}: ${previous.length} matches, median ${at(0.5)}, 95 % within ${at(0.95)}`;
}

for (const evidence of ['log', 'title', 'directory'] as const) console.log(measure(evidence));
