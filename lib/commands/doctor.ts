import manifest from '../../package.json' with { type: 'json' };
import { configPlace } from '../config-file.ts';
import { type Context, exitCodes } from '../context.ts';
import { diagnose, diagnosisLines } from '../doctor/diagnosis.ts';
import type { Patient } from '../doctor/finding.ts';
import { procRoot } from '../machine-processes.ts';
import type { Monitor } from '../monitor.ts';
import { openMonitor } from '../open-monitor.ts';
import type { Options } from '../options.ts';
import { runCommand } from '../sources/process/run.ts';
import { openDatabaseReader } from '../sources/snapshot/snapshot.ts';
import { loadSqlEngine } from '../sources/snapshot/sql-engine.ts';
import { takeBoard } from './take-board.ts';

/** `otop doctor`: a line for each thing that was looked at; 1 where anything is broken. */
export async function runDoctor(options: Options, context: Context): Promise<number> {
  const { monitor } = await openMonitor({ ...options, all: true }, context, false);
  try {
    const patient = await examine(monitor, options, context);
    const diagnoses = await diagnose(patient);
    if (options.report) {
      const { reportText } = await import('../doctor/report.ts');
      context.stdout.write(
        reportText(diagnoses, patient.board, monitor.evidence(patient.board), manifest.version),
      );
    } else {
      context.stdout.write(`otop ${manifest.version}\n${diagnosisLines(diagnoses).join('\n')}\n`);
    }
    return diagnoses.some(({ finding }) => finding.level === 'problem') ? exitCodes.no : exitCodes.ok;
  } finally {
    monitor.close();
  }
}

async function examine(monitor: Monitor, options: Options, context: Context): Promise<Patient> {
  const engine = await loadSqlEngine();
  const board = await takeBoard(monitor, context);
  const { sessions, logs } = monitor.watchPaths();
  return {
    env: context.env,
    homeDir: context.homeDir,
    platform: process.platform,
    nodeVersion: process.version,
    otopVersion: manifest.version,
    userId: process.getuid?.(),
    procRoot,
    terminal: context.stdout,
    run: runCommand,
    board,
    processes: monitor.evidence(board).processes,
    databasePaths: sessions.filter((path) => !path.endsWith('-wal')),
    logPaths: logs,
    config: configPlace(options.config, context.env, context.homeDir),
    openDatabase: (path) => openDatabaseReader(path, engine),
  };
}
