import { openingUiState, singleFrame } from '../dashboard/single-frame.ts';
import type { Board, Row } from '../domain/board/board.ts';
import { Redaction } from '../domain/evidence/redact.ts';
import { type WhyInput, whyProcess, whySession } from '../domain/evidence/why.ts';
import { settled } from '../domain/schema/configuration.ts';
import { capitalized } from '../text/format.ts';
import { frameText } from '../view/frame.ts';
import { unicodeGlyphs } from '../view/glyphs.ts';
import { checkDatabases, checkLogs } from './checks/databases.ts';
import { checkFileEvents } from './checks/file-events.ts';
import { checkConfiguration, checkOwnFiles } from './checks/own-files.ts';
import { checkPlugin } from './checks/plugin.ts';
import { checkProcesses, checkServers } from './checks/process-access.ts';
import { checkNode, checkOpencode } from './checks/programs.ts';
import { checkClipboard, checkColours, checkUnicode } from './checks/terminal.ts';
import { checkTmux } from './checks/tmux.ts';
import type { Check, DoctorContext, Finding } from './finding.ts';

/** One finding of a check, with the check's title. */
export interface Diagnosis {
  readonly title: string;
  readonly finding: Finding;
}

/** Runs every check, one after the other, and returns their findings in order. */
export async function diagnose(context: DoctorContext): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const { title, run } of checks) {
    for (const finding of await run(context)) found.push({ title, finding });
  }
  return found;
}

/** Formats each finding as a line: level, title, text and advice, in columns. */
export function diagnosisLines(diagnoses: readonly Diagnosis[]): string[] {
  const widest = Math.max(...diagnoses.map(({ title }) => title.length));
  return diagnoses.map(({ title, finding: { level, text, advice } }) => {
    const words = advice === undefined ? text : `${text}. ${capitalized(advice)}`;
    return `${level.padEnd('problem'.length)}  ${title.padEnd(widest)}  ${words}`;
  });
}

/** The checks of `otop doctor`, in the order of its output. */
const checks: readonly Check[] = [
  { title: 'node', run: checkNode },
  { title: 'opencode', run: checkOpencode },
  { title: 'database', run: checkDatabases },
  { title: 'logs', run: checkLogs },
  { title: 'processes', run: checkProcesses },
  { title: 'servers', run: checkServers },
  { title: 'file events', run: checkFileEvents },
  { title: 'tmux', run: checkTmux },
  { title: 'colours', run: checkColours },
  { title: 'unicode', run: checkUnicode },
  { title: 'clipboard', run: checkClipboard },
  { title: 'plugin', run: checkPlugin },
  { title: 'config', run: checkConfiguration },
  { title: 'own files', run: checkOwnFiles },
];

const frameSize = { cols: 120, rows: 40 };
/** Limits the sessions without a process: there are many, with little evidence each. */
const maxAlone = 20;

/**
 * Returns a bug report: the findings, one frame, and the evidence for each row. Private text is replaced by stand-ins.
 * `evidence` and `board` must be of the same time.
 */
export function reportText(
  diagnoses: readonly Diagnosis[],
  board: Board,
  evidence: WhyInput,
  version: string,
): string {
  const redaction = new Redaction();
  const shown = redaction.board(board);
  const input = redaction.evidence(evidence, shown.rows);
  const findings = diagnoses.map(({ title, finding }) => ({
    title,
    finding: { ...finding, text: redaction.sentence(finding.text) },
  }));
  const frame = singleFrame({
    board: shown,
    ui: openingUiState({}, settled()),
    size: frameSize,
    glyphs: unicodeGlyphs,
  });
  return [
    `otop ${version}: a report in which titles, paths, names, prompts and output have stand-ins`,
    '',
    ...diagnosisLines(findings),
    '',
    frameText(frame),
    ...explained(shown.rows, input).flatMap((lines) => ['', '-'.repeat(frameSize.cols), ...lines]),
    '',
  ].join('\n');
}

function explained(rows: readonly Row[], input: WhyInput): string[][] {
  const pids = [...new Set(rows.flatMap(({ process }) => process?.pid ?? []))];
  const running = input.processes.filter(({ pid }) => pids.includes(pid));
  const alone = rows.filter(({ process }) => process === undefined).slice(0, maxAlone);
  return [
    ...running.map((process) => whyProcess(process, input)),
    ...alone.flatMap(({ session }) => (session ? [whySession(session, input)] : [])),
  ];
}
