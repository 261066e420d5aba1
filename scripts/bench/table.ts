import { type FigureRow, isMet } from './targets.ts';

/** Formats the report as lines: a row for each figure, a column for each database or monitor; `!` marks a missed target. */
export function tableLines(labels: readonly string[], rows: readonly FigureRow[]): string[] {
  const table = [
    ['', ...labels, 'target', ''],
    ...rows.map((row) => [
      row.name,
      ...row.cells.map(({ text, isMet }) => (isMet === false ? `! ${text}` : text)),
      row.target ?? '',
      verdictOf(row),
    ]),
  ];
  const widths = table.reduce<number[]>(
    (widest, cells) => cells.map((cell, place) => Math.max(widest[place] ?? 0, cell.length)),
    [],
  );
  return table.map((cells) =>
    cells
      .map((cell, place) => (place === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[place] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Formats the number of targets that are met. */
export function summaryLine(rows: readonly FigureRow[]): string {
  const judged = rows.filter((row) => isMet(row) !== undefined);
  return `${judged.filter(isMet).length} of ${judged.length} targets met`;
}

function verdictOf(row: FigureRow): string {
  const verdict = isMet(row);
  if (verdict === undefined) return '';
  return verdict ? 'met' : 'NOT MET';
}
