import type { ConfigPlace } from '../config/config-file.ts';
import type { Board, Trouble } from '../domain/board/board.ts';
import type { WhyInput } from '../domain/evidence/why.ts';
import type { OpencodeProcess } from '../domain/process/process.ts';
import type { DatabaseReader } from '../sources/sqlite/snapshot.ts';
import type { Run } from '../system/run-program.ts';
import type { Surroundings } from '../system/surroundings.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';

/** A result of one check. A `problem` keeps otop from working; a `warning` makes it work worse. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  /** The observed fact. */
  readonly text: DisplayText;
  /** The suggested fix; contains no outside text. */
  readonly advice?: DisplayText;
}

/** The input of the checks. */
export interface DoctorContext extends Surroundings {
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  readonly otopVersion: string;
  readonly userId: number | undefined;
  /** `/proc`. */
  readonly procRoot: string;
  /** `isTTY` is true if the output goes to a terminal. */
  readonly terminal: { readonly isTTY?: boolean | undefined };
  readonly run: Run;
  readonly board: Board;
  readonly processes: readonly OpencodeProcess[];
  /** By pid: the connections to servers of this machine. */
  readonly links?: WhyInput['links'];
  /** The watched databases and logs, including those that do not exist. */
  readonly databasePaths: readonly string[];
  readonly logPaths: readonly string[];
  /** otop's configuration. */
  readonly config: ConfigPlace;
  openDatabase(path: string): DatabaseReader;
}

/** One check. */
export interface Check {
  /** The subject of the check, in one or two words. */
  readonly title: string;
  run(context: DoctorContext): readonly Finding[] | Promise<readonly Finding[]>;
}

/** Returns a finding without a problem. */
export function ok(text: string): Finding {
  return { level: 'ok', text: sanitize(text) };
}

/** Returns a finding that makes otop work worse. */
export function warning(text: string, advice: string): Finding {
  return { level: 'warning', text: sanitize(text), advice: sanitize(advice) };
}

/** Returns a finding that keeps otop from working. */
export function problem(text: string, advice: string): Finding {
  return { level: 'problem', text: sanitize(text), advice: sanitize(advice) };
}

/** Returns the Board's troubles of these sources as findings. Their text already contains advice. */
export function troublesOf(
  { troubles }: Board,
  level: Finding['level'],
  ...sources: readonly Trouble['source'][]
): Finding[] {
  return troubles.filter(({ source }) => sources.includes(source)).map(({ text }) => ({ level, text }));
}
