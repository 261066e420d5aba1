import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { sizeLabel } from './sizes.ts';
import type { FigureRow } from './targets.ts';

/** The figures that the README shows, as the last saved runs found them. */
export interface BenchResults {
  readonly machine: string;
  readonly date: string;
  /** The data side on generated databases (`npm run bench -- --save`). */
  readonly data: Figures;
  /** Whole processes beside their peers, from the same run. */
  readonly whole?: Figures;
  /** The same beside real opencode. */
  readonly real?: Figures;
}

/** What is measured, and saved, by itself: in the order in which it is measured and shown. */
export const benchParts = ['data', 'whole', 'real'] as const;

export type BenchPart = (typeof benchParts)[number];

/** One report: a column for each database or monitor, a row for each figure. */
export interface Figures {
  readonly load: string;
  readonly labels: readonly string[];
  readonly rows: readonly FigureRow[];
}

const file = new URL('results.json', import.meta.url);

/** The saved figures. Throws where the file is missing or no JSON. */
export function readResults(): BenchResults {
  return JSON.parse(readFileSync(file, 'utf8')) as BenchResults;
}

/** Replaces the figures of what was measured, and says when and where they were found. */
export function saveFigures(found: Partial<Pick<BenchResults, BenchPart>>): void {
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(
    file,
    `${JSON.stringify({ ...readResults(), machine: describeMachine(), date, ...found }, undefined, 2)}\n`,
  );
}

function describeMachine(): string {
  const [first] = cpus();
  const memory = sizeLabel(totalmem());
  return `${cpus().length} cores of ${first?.model.trim() ?? 'an unknown processor'}, ${memory}, ${process.platform} ${release()}, node ${process.version}`;
}
