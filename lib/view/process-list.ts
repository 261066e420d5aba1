import type { Board } from '../domain/board/board.ts';
import type { OpencodeProcess } from '../domain/process/process.ts';
import { byteSize, duration, percent } from '../text/format.ts';
import { fitCells, textWidth } from '../text/width.ts';
import type { FrameInput } from './frame-input.ts';
import { type Line, span } from './line.ts';

/**
 * Returns all opencode processes of this machine, the largest first. It includes processes that the table hides: those
 * started by opencode's tools, and orphans.
 */
export function processList(board: Board, input: FrameInput): Line[] {
  const { processes } = board;
  if (processes.length === 0) return [{ spans: [span('no opencode process runs here', 'muted')] }];
  const sorted = processes.toSorted((a, b) => (b.rssBytes ?? -1) - (a.rssBytes ?? -1) || a.pid - b.pid);
  const sum = processes.reduce((total, { rssBytes = 0 }) => total + rssBytes, 0);
  const orphans = processes.filter(({ orphan }) => orphan).length;
  const heading = [
    `${processes.length} opencode ${processes.length === 1 ? 'process' : 'processes'}, ${byteSize(sum)}`,
    orphans === 0 ? undefined : `${orphans} without their terminal`,
  ];
  const widest = Math.max(...processes.map((process) => textWidth(locationOf(process))));
  const locationCells = Math.max(minLocationCells, Math.min(maxLocationCells, widest));
  return [
    { spans: [span(heading.filter((part) => part !== undefined).join(', '), 'label')] },
    ...sorted.map((process) => processLine(process, board, locationCells, input)),
  ];
}

/** Limits of the location's width, since names of tmux sessions can be long. */
const minLocationCells = 10;
const maxLocationCells = 24;

function locationOf({ pane, tty }: OpencodeProcess): string {
  return pane?.target ?? tty ?? '-';
}

function processLine(
  process: OpencodeProcess,
  board: Board,
  locationCells: number,
  { nowMs, glyphs }: FrameInput,
): Line {
  const { pid, kind, rssBytes, cpuPercent, startedAtMs } = process;
  const cells = [
    String(pid).padStart(8),
    kind.padEnd(6),
    (rssBytes === undefined ? '-' : byteSize(rssBytes)).padStart(5),
    (cpuPercent === undefined ? '-' : percent(cpuPercent)).padStart(5),
    (startedAtMs === undefined ? '-' : duration(nowMs - startedAtMs)).padStart(6),
    fitCells(locationOf(process), locationCells, 'left', glyphs.ellipsis),
  ];
  const isHidden = process.orphan || process.startedByPid !== undefined;
  return {
    spans: [span(`${cells.join(' ')} `), span(runText(process, board), isHidden ? 'trouble' : 'plain')],
  };
}

function runText({ pid, orphan, startedByPid, cwdText }: OpencodeProcess, { rows }: Board): string {
  const titles = rows.flatMap((row) =>
    row.process?.pid === pid && !row.elsewhere && !row.treePosition?.depth ? (row.session?.title ?? []) : [],
  );
  const parts = [
    orphan ? 'orphan: its terminal is gone' : undefined,
    startedByPid === undefined ? undefined : `started by a tool of pid ${startedByPid}`,
    titles[0] ?? cwdText,
    titles.length > 1 ? `and ${titles.length - 1} more` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}
