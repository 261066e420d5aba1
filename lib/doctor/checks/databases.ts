import { type Stats, statSync } from 'node:fs';
import { generationsIn } from '../../sources/opencode/schema-version.ts';
import { shortPath } from '../../system/files.ts';
import { byteSize, duration } from '../../text/format.ts';
import { type DoctorContext, type Finding, ok, problem, troublesOf } from '../finding.ts';

const startAdvice = 'start opencode 1.2 or newer, or name a database with --db PATH';

/**
 * Describes each readable database: its size, the age of the last write and the version of its tables. Adds database
 * troubles.
 */
export function checkDatabases(context: DoctorContext): readonly Finding[] {
  const readable = context.databasePaths.flatMap((path) => describeDatabase(path, context) ?? []);
  const { lookedFor } = context.board;
  const absent =
    lookedFor === undefined
      ? []
      : [problem(`no opencode database yet: looked for ${lookedFor.join(', ')}`, startAdvice)];
  return [...readable.map(ok), ...absent, ...troublesOf(context.board, 'problem', 'database')];
}

/** Describes each log file, and adds log troubles. */
export function checkLogs({ logPaths, homeDir, board }: DoctorContext): readonly Finding[] {
  const logs = logPaths.flatMap((path) => {
    const stats = statOf(path);
    if (stats === undefined) return [];
    return [ok(`${shortPath(path, homeDir)}: ${byteSize(stats.size)}, written ${age(stats, board.atMs)}`)];
  });
  const troubles = troublesOf(board, 'warning', 'log');
  return logs.length + troubles.length > 0 ? [...logs, ...troubles] : [ok('no running opencode has a log')];
}

function describeDatabase(path: string, { homeDir, board, openDatabase }: DoctorContext): string | undefined {
  const main = statOf(path);
  if (main === undefined) return undefined;
  const reader = openDatabase(path);
  try {
    const outcome = reader.read((view) => generationsIn(view), { force: true });
    // The Board's troubles say why it cannot be read.
    if (outcome.kind !== 'read' || outcome.value === undefined) return undefined;
    const { one, two, importOfOne } = outcome.value;
    const builds = { released: '2', 'before release': '2 (before its release)' };
    const versions = [...(one ? ['1'] : []), ...(two ? [builds[two]] : [])].join(' and ');
    const wal = statOf(`${path}-wal`);
    const newest = wal && wal.mtimeMs > main.mtimeMs ? wal : main;
    return [
      `${shortPath(path, homeDir)}: ${byteSize(main.size)}`,
      wal ? `WAL ${byteSize(wal.size)}` : 'no WAL',
      `written ${age(newest, board.atMs)}`,
      `tables of opencode ${versions}`,
      ...(importOfOne === undefined ? [] : [`import from opencode 1 ${importOfOne}`]),
    ].join(', ');
  } finally {
    reader.close();
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    // The file does not exist or is not accessible. The sources report it if it matters.
    return undefined;
  }
}

function age({ mtimeMs }: Stats, nowMs: number): string {
  return `${duration(nowMs - mtimeMs)} ago`;
}
