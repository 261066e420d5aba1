import { type FigureRow, isMet } from './targets.ts';

/** The report as lines: one row for each figure, one column for each database; `!` marks what misses its target. */
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

/** How many of the targets are met, in one line. */
export function summaryLine(rows: readonly FigureRow[]): string {
  const judged = rows.filter((row) => isMet(row) !== undefined);
  return `${judged.filter(isMet).length} of ${judged.length} targets met`;
}

function verdictOf(row: FigureRow): string {
  const verdict = isMet(row);
  if (verdict === undefined) return '';
  return verdict ? 'met' : 'NOT MET';
}
