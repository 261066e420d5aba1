import type { ConfigPlace } from '../config/config-file.ts';
import type { Board, Trouble } from '../domain/board/board.ts';
import type { OpencodeProcess } from '../domain/process/process.ts';
import type { DatabaseReader } from '../sources/sqlite/snapshot.ts';
import type { Run } from '../system/run-program.ts';
import type { Surroundings } from '../system/surroundings.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';

/** What one check found: `problem` is what keeps otop from its work, `warning` what makes it worse. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  /** What is so. */
  readonly text: DisplayText;
  /** What to do about it; words of ours alone. */
  readonly advice?: DisplayText;
}

/** What the checks look at. */
export interface DoctorContext extends Surroundings {
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  readonly otopVersion: string;
  readonly userId: number | undefined;
  /** `/proc`. */
  readonly procRoot: string;
  /** Whether what is printed goes to a terminal. */
  readonly terminal: { readonly isTTY?: boolean | undefined };
  readonly run: Run;
  readonly board: Board;
  readonly processes: readonly OpencodeProcess[];
  /** Databases and logs that are watched, whether or not they exist. */
  readonly databasePaths: readonly string[];
  readonly logPaths: readonly string[];
  /** otop's configuration. */
  readonly config: ConfigPlace;
  openDatabase(path: string): DatabaseReader;
}

/** One row of the table of checks. */
export interface Check {
  /** What it is about, in one or two words. */
  readonly title: string;
  run(context: DoctorContext): readonly Finding[] | Promise<readonly Finding[]>;
}

/** All is well. */
export function ok(text: string): Finding {
  return { level: 'ok', text: sanitize(text) };
}

/** Something makes otop worse than it could be. */
export function warning(text: string, advice: string): Finding {
  return { level: 'warning', text: sanitize(text), advice: sanitize(advice) };
}

/** Something keeps otop from its work. */
export function problem(text: string, advice: string): Finding {
  return { level: 'problem', text: sanitize(text), advice: sanitize(advice) };
}

/** What the sources themselves say, which tells what to do, too. */
export function troublesOf(
  { troubles }: Board,
  level: Finding['level'],
  ...sources: readonly Trouble['source'][]
): Finding[] {
  return troubles.filter(({ source }) => sources.includes(source)).map(({ text }) => ({ level, text }));
}
