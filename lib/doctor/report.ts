import { singleFrame } from '../dashboard/single-frame.ts';
import type { Board, Row } from '../domain/board/board.ts';
import { Redaction } from '../domain/evidence/redact.ts';
import { type WhyInput, whyProcess, whySession } from '../domain/evidence/why.ts';
import { settled } from '../domain/ui/settings/table.ts';
import { frameText } from '../view/frame.ts';
import { unicodeGlyphs } from '../view/glyphs.ts';
import { type Diagnosis, diagnosisLines } from './diagnosis.ts';

const frameSize = { cols: 120, rows: 40 };
/** Sessions that no process runs are many, and there is little to say of each. */
const mostAlone = 20;

/** What a bug report needs: the findings, one frame, and the evidence for each row; with stand-ins for all that is private. */
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
  return [
    `otop ${version}: a report in which titles, paths, names, prompts and output have stand-ins`,
    '',
    ...diagnosisLines(findings),
    '',
    frameText(singleFrame(shown, { color: false, mouse: false }, settled(), frameSize, unicodeGlyphs)),
    ...explained(shown.rows, input).flatMap((lines) => ['', '-'.repeat(frameSize.cols), ...lines]),
    '',
  ].join('\n');
}

function explained(rows: readonly Row[], input: WhyInput): string[][] {
  const pids = [...new Set(rows.flatMap(({ process }) => process?.pid ?? []))];
  const running = input.processes.filter(({ pid }) => pids.includes(pid));
  const alone = rows.filter(({ process }) => process === undefined).slice(0, mostAlone);
  return [
    ...running.map((process) => whyProcess(process, input)),
    ...alone.flatMap(({ session }) => (session ? [whySession(session, input)] : [])),
  ];
}
