import { type Stats, statSync } from 'node:fs';
import { readGeneration } from '../../sources/opencode/schema-version.ts';
import { shortPath } from '../../system/files.ts';
import { byteSize, duration } from '../../text/format.ts';
import { type DoctorContext, type Finding, ok, troublesOf } from '../finding.ts';

/** Each database that is there: its size, how old the last write is, whose tables it has; and what cannot be read. */
export function checkDatabases(context: DoctorContext): readonly Finding[] {
  const readable = context.databasePaths.flatMap((path) => describeDatabase(path, context) ?? []);
  return [...readable.map(ok), ...troublesOf(context.board, 'problem', 'database')];
}

/** Each log that is read. */
export function checkLogs({ logPaths, homeDir, board }: DoctorContext): readonly Finding[] {
  const logs = logPaths.flatMap((path) => {
    const stats = statOf(path);
    if (stats === undefined) return [];
    return [ok(`${shortPath(path, homeDir)}: ${byteSize(stats.size)}, written ${age(stats, board.atMs)}`)];
  });
  const troubles = troublesOf(board, 'warning', 'log');
  return logs.length + troubles.length > 0 ? [...logs, ...troubles] : [ok('no running opencode has one')];
}

function describeDatabase(path: string, { homeDir, board, openDatabase }: DoctorContext): string | undefined {
  const main = statOf(path);
  if (main === undefined) return undefined;
  const reader = openDatabase(path);
  try {
    const outcome = reader.read((view) => readGeneration(view), { force: true });
    // Why it cannot be read stands among the troubles.
    if (outcome.kind !== 'read' || outcome.value.kind === 'unknown') return undefined;
    const { session, sessionV2 } = outcome.value.generation;
    const versions = [...(session.size > 0 ? ['1'] : []), ...(sessionV2.size > 0 ? ['2'] : [])].join(' and ');
    const wal = statOf(`${path}-wal`);
    const newest = wal && wal.mtimeMs > main.mtimeMs ? wal : main;
    return [
      `${shortPath(path, homeDir)}: ${byteSize(main.size)}`,
      wal ? `WAL ${byteSize(wal.size)}` : 'no WAL',
      `written ${age(newest, board.atMs)}`,
      `tables of opencode ${versions}`,
    ].join(', ');
  } finally {
    reader.close();
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    // Not there, or not ours to see: the sources say so where it matters.
    return undefined;
  }
}

function age({ mtimeMs }: Stats, nowMs: number): string {
  return `${duration(nowMs - mtimeMs)} ago`;
}
