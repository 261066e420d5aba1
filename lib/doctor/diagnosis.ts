import { capitalized } from '../text/format.ts';
import { checks } from './checks.ts';
import type { Finding, Patient } from './finding.ts';

/** What one check found, under its title. */
export interface Diagnosis {
  readonly title: string;
  readonly finding: Finding;
}

/** Runs every check, one after the other. */
export async function diagnose(patient: Patient): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const { title, run } of checks) {
    for (const finding of await run(patient)) found.push({ title, finding });
  }
  return found;
}

/** `warning  tmux  mouse is off: clicks do not get through. In tmux.conf: set -g mouse on` */
export function diagnosisLines(diagnoses: readonly Diagnosis[]): string[] {
  const widest = Math.max(...diagnoses.map(({ title }) => title.length));
  return diagnoses.map(({ title, finding: { level, text, advice } }) => {
    const words = advice === undefined ? text : `${text}. ${capitalized(advice)}`;
    return `${level.padEnd('problem'.length)}  ${title.padEnd(widest)}  ${words}`;
  });
}
