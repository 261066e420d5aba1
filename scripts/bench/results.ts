import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { sizeLabel } from './sizes.ts';
import type { FigureRow } from './targets.ts';

/** The figures in docs/performance.md, from the last saved runs. */
export interface BenchResults {
  readonly machine: string;
  readonly date: string;
  /** The data side on generated databases (`npm run bench -- --save`). */
  readonly data: Figures;
  /** The whole of otop next to other monitors in the same run, with stand-ins for opencode. */
  readonly whole?: Figures;
  /** The same with real opencode. */
  readonly real?: Figures;
}

/** The parts that are measured and saved separately, in the order of docs/performance.md. */
export const benchParts = ['data', 'whole', 'real'] as const;

export type BenchPart = (typeof benchParts)[number];

/** A table with a column for each database or monitor and a row for each figure. */
export interface Figures {
  readonly load: string;
  readonly labels: readonly string[];
  readonly rows: readonly FigureRow[];
}

const file = new URL('results.json', import.meta.url);

/** Reads the saved figures. Throws if the file is missing or is not JSON. */
export function readResults(): BenchResults {
  return JSON.parse(readFileSync(file, 'utf8')) as BenchResults;
}

/** Replaces the saved figures of the measured parts, with today's date and this machine. */
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
