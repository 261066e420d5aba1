import manifest from '../../package.json' with { type: 'json' };
import { configPlace } from '../config/config-file.ts';
import type { Options } from '../config/options.ts';
import { diagnose, diagnosisLines, reportText } from '../doctor/diagnosis.ts';
import type { DoctorContext } from '../doctor/finding.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { takeBoard } from '../monitor/take-board.ts';
import { openDatabaseReader } from '../sources/sqlite/snapshot.ts';
import { loadSqlEngine } from '../sources/sqlite/sql-engine.ts';
import { versionText } from '../system/build.ts';
import { type Context, exitCodes } from '../system/context.ts';

/** `otop doctor`: prints a line for each finding. Returns exit code 1 if anything is broken. */
export async function runDoctor(options: Options, context: Context): Promise<number> {
  const { monitor } = await openMonitor({ ...options, all: true }, context, false);
  try {
    const doctorContext = await examine(monitor, options, context);
    const diagnoses = await diagnose(doctorContext);
    if (options.report) {
      context.stdout.write(
        reportText(diagnoses, doctorContext.board, monitor.evidence(doctorContext.board), versionText()),
      );
    } else {
      context.stdout.write(`otop ${versionText()}\n${diagnosisLines(diagnoses).join('\n')}\n`);
    }
    return diagnoses.some(({ finding }) => finding.level === 'problem') ? exitCodes.no : exitCodes.ok;
  } finally {
    monitor.close();
  }
}

async function examine(monitor: Monitor, options: Options, context: Context): Promise<DoctorContext> {
  const engine = await loadSqlEngine();
  const board = await takeBoard(monitor, context);
  const { sessions, logs } = monitor.watchPaths();
  const { processes, links } = monitor.evidence(board);
  return {
    env: context.env,
    homeDir: context.homeDir,
    nodeVersion: process.version,
    otopVersion: manifest.version,
    userId: process.getuid?.(),
    terminal: context.stdout,
    ...context.machine,
    board,
    processes,
    ...(links && { links }),
    databasePaths: sessions.filter((path) => !path.endsWith('-wal')),
    logPaths: logs,
    config: configPlace(options.config, context.env, context.homeDir),
    openDatabase: (path) => openDatabaseReader(path, engine),
  };
}
