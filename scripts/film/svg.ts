import { xtermHex } from '../../lib/text/sgr.ts';
import { textWidth } from '../../lib/text/width.ts';
import type { StyledCell } from '../../lib/view/frame.ts';
import type { Caption, Film } from './record.ts';
import { cell, overlap, shapes } from './shapes.ts';

const ground = { fg: '#d0d0d0', bg: '#16181d' };
/** Distance between the terminal and the edge of the picture. */
const margin = 12;
const captionHeight = 40;
const baseline = 13;
const fontSize = 15;

/** A part of one frame as SVG. Parts with the same SVG are one element, shown at several times. */
interface Piece {
  /** Backgrounds are painted below everything else. */
  readonly isBackground: boolean;
  readonly svg: string;
}

/** Cells of one row that are drawn together. */
interface Run {
  readonly col: number;
  readonly cells: readonly StyledCell[];
}

/**
 * Draws a film as an animated SVG, which needs neither a script nor another file. Each word is one element for as long
 * as it stands at one place. Elements that are shown at the same times share a group, and CSS shows and hides the group.
 * Where animations are off, the film's still frame is shown.
 */
export function filmToSvg(film: Film): string {
  const size = { width: film.cols * cell.width, height: film.rows * cell.height };
  const styles = new Styles();
  const drawRow = rowPainter(styles);
  const shots = film.frames.map(({ cells, caption }) => [
    ...cells.flatMap(drawRow),
    ...captionPieces(caption, film.rows, styles),
  ]);
  const groups = [...groupsOf(shots, film)].map(([times, pieces], index) => ({
    times,
    pieces,
    name: `t${index.toString(36)}`,
  }));
  const changing = groups.filter(({ times }) => times.length < film.frames.length);
  const box = { width: size.width + 2 * margin, height: size.height + 2 * margin + captionHeight };
  const layer = (isBackground: boolean) =>
    groups
      .map(({ times, pieces, name }) => {
        const svg = pieces.filter((piece) => piece.isBackground === isBackground).map((piece) => piece.svg);
        if (svg.length === 0) return '';
        if (times.length === film.frames.length) return `${svg.join('')}\n`;
        const still = times.includes(film.stillFrame) ? ' s' : '';
        return `<g class="${name}${still}">${svg.join('')}</g>\n`;
      })
      .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-margin} ${-margin} ${box.width} ${box.height}" width="${box.width}" height="${box.height}" role="img" aria-label="${escaped(labelOf(film))}">
<style>
svg{font:${fontSize}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:${ground.fg};white-space:pre}
path{fill-rule:evenodd}
g{visibility:hidden;animation:none ${seconds(film.durationMs)}s step-end infinite}
.s{visibility:visible}
${styles.css()}
${changing.map(({ name, times }) => `.${name}{animation-name:${name}}@keyframes ${name}{${keyframes(times, film)}}`).join('\n')}
@media(prefers-reduced-motion:reduce){g{animation:none!important}}
</style>
<rect x="${-margin}" y="${-margin}" width="${box.width}" height="${box.height}" rx="8" fill="${ground.bg}"/>
${layer(true)}${layer(false)}</svg>
`;
}

/** The captions in a row, for those who cannot see the film. */
function labelOf({ frames }: Film): string {
  const captions = [...new Set(frames.map(({ caption }) => caption.text))];
  return `otop in a terminal. ${captions.join('. ')}.`;
}

/** The pieces by the frames in which they are shown, in the order in which they first appear. */
function groupsOf(shots: readonly (readonly Piece[])[], { frames }: Film) {
  const timesOf = new Map<string, { readonly piece: Piece; readonly times: number[] }>();
  for (const [index] of frames.entries()) {
    for (const piece of shots[index] ?? []) {
      const known = timesOf.get(piece.svg);
      if (known === undefined) timesOf.set(piece.svg, { piece, times: [index] });
      else if (known.times.at(-1) !== index) known.times.push(index);
    }
  }
  const groups = new Map<string, { readonly times: readonly number[]; readonly pieces: Piece[] }>();
  for (const { piece, times } of timesOf.values()) {
    const key = times.join(' ');
    const group = groups.get(key) ?? { times, pieces: [] };
    group.pieces.push(piece);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ times, pieces }) => [times, pieces] as const);
}

/** The keyframes that show an element in these frames only. Each holds until the next one. */
function keyframes(times: readonly number[], { frames, durationMs }: Film): string {
  const changes = { visible: [] as string[], hidden: [] as string[] };
  const percent = (index: number) =>
    `${Number((((frames[index]?.atMs ?? durationMs) / durationMs) * 100).toFixed(3))}%`;
  const shown = new Set(times);
  if (!shown.has(0)) changes.hidden.push('0%');
  for (const index of times) {
    if (!shown.has(index - 1)) changes.visible.push(percent(index));
    if (!shown.has(index + 1) && index + 1 < frames.length) changes.hidden.push(percent(index + 1));
  }
  const rule = (name: 'visible' | 'hidden') =>
    changes[name].length > 0 ? `${changes[name].join()}{visibility:${name}}` : '';
  return rule('visible') + rule('hidden');
}

/** Short class names for the colours and weights of texts. */
class Styles {
  readonly #names = new Map<string, string>();

  /** The `class` attribute for declarations of CSS; an empty text for none. */
  attribute(declarations: string): string {
    if (declarations === '') return '';
    const known = this.#names.get(declarations) ?? `c${this.#names.size.toString(36)}`;
    this.#names.set(declarations, known);
    return ` class="${known}"`;
  }

  css(): string {
    return [...this.#names].map(([declarations, name]) => `.${name}{${declarations}}`).join('\n');
  }
}

/** Returns a function that draws a row at its index. It draws a row of a film only once. */
function rowPainter(styles: Styles): (row: readonly StyledCell[], index: number) => readonly Piece[] {
  const drawn = new Map<readonly StyledCell[], Map<number, readonly Piece[]>>();
  return (row, index) => {
    const byIndex = drawn.get(row) ?? new Map<number, readonly Piece[]>();
    drawn.set(row, byIndex);
    const pieces = byIndex.get(index) ?? rowPieces(row, index, styles);
    byIndex.set(index, pieces);
    return pieces;
  };
}

function rowPieces(row: readonly StyledCell[], index: number, styles: Styles): Piece[] {
  const pieces: Piece[] = [];
  const y = index * cell.height;
  for (const { col, cells } of runsOf(row, (one) => colorsOf(one).bg)) {
    const bg = colorsOf(cells[0]).bg;
    if (bg === ground.bg) continue;
    const svg = `<rect x="${col * cell.width}" y="${y}" width="${cells.length * cell.width}" height="${cell.height + overlap}"${styles.attribute(`fill:${bg}`)}/>`;
    pieces.push({ isBackground: true, svg });
  }
  for (const run of runsOf(row, inkOf)) {
    const svg = inkSvg(run, y, styles);
    if (svg !== undefined) pieces.push({ isBackground: false, svg });
  }
  return pieces;
}

/** Cuts a row into runs of cells with the same `kind`. */
function runsOf(row: readonly StyledCell[], kind: (one: StyledCell) => string): Run[] {
  const runs: { col: number; cells: StyledCell[]; kind: string }[] = [];
  row.forEach((one, col) => {
    const last = runs.at(-1);
    // The second cell of a wide character belongs to the first one.
    const own = one.text === '' && last ? last.kind : kind(one);
    if (last?.kind === own) last.cells.push(one);
    else runs.push({ col, cells: [one], kind: own });
  });
  return runs;
}

/** Equal for neighbours that one element can draw: a word, a line of a box, a sparkline. */
function inkOf(one: StyledCell): string {
  return one.text === ' ' ? '' : `${drawingOf(one)} ${inkStyle(one)}`;
}

function drawingOf({ text }: StyledCell): string {
  const shape = shapes.get(text);
  if (!shape) return `text of ${textWidth(text)} cells`;
  if ('path' in shape) return 'path';
  return shape.isShade ? 'shade' : 'boxes';
}

function inkSvg({ col, cells }: Run, y: number, styles: Styles): string | undefined {
  const [first] = cells;
  if (first === undefined || first.text === ' ') return undefined;
  const x = col * cell.width;
  const style = inkStyle(first);
  const shape = shapes.get(first.text);
  if (!shape) {
    const text = cells.map((one) => one.text).join('');
    return textSvg(text, { x, y: y + baseline, width: cells.length * cell.width }, styles.attribute(style));
  }
  const shade = drawingOf(first) === 'shade' ? 'opacity:.25' : '';
  const declarations = [style, shade].filter((each) => each !== '').join(';');
  return `<path${styles.attribute(declarations)} d="${shapePath(cells, x, y)}"/>`;
}

/** The path of neighbouring shapes; boxes that touch each other at the same height become one. */
function shapePath(cells: readonly StyledCell[], x: number, y: number): string {
  const boxes: { x: number; y: number; width: number; height: number }[] = [];
  let paths = '';
  cells.forEach(({ text }, index) => {
    const left = x + index * cell.width;
    const shape = shapes.get(text);
    if (shape && 'path' in shape) paths += `M${left} ${y}${shape.path}`;
    if (!shape || 'path' in shape) return;
    for (const [dx, dy, width, height] of shape.boxes) {
      const before = boxes.find(
        (one) => one.x + one.width === left + dx && one.y === y + dy && one.height === height,
      );
      if (before) before.width += width;
      else boxes.push({ x: left + dx, y: y + dy, width, height });
    }
  });
  return paths + boxes.map((one) => `M${one.x} ${one.y}h${one.width}v${one.height}h${-one.width}z`).join('');
}

/** A word, pinned to its cells, since the reader's font may have other widths. */
function textSvg(text: string, at: { x: number; y: number; width: number }, attributes: string): string {
  // One character has nothing to spread.
  const pin = at.width > cell.width ? ` textLength="${at.width}"` : '';
  return `<text x="${at.x}" y="${at.y}"${pin}${attributes}>${escaped(text)}</text>`;
}

function colorsOf(one: StyledCell | undefined): { readonly fg: string; readonly bg: string } {
  const { fg, bg, inverse } = one?.style ?? {};
  const front = fg === undefined ? ground.fg : xtermHex(fg);
  const back = bg === undefined ? ground.bg : xtermHex(bg);
  return inverse ? { fg: back, bg: front } : { fg: front, bg: back };
}

function inkStyle(one: StyledCell): string {
  const { fg } = colorsOf(one);
  const { bold, underline } = one.style;
  return [
    ...(fg === ground.fg ? [] : [`fill:${fg}`]),
    ...(bold ? ['font-weight:bold'] : []),
    ...(underline ? ['text-decoration:underline'] : []),
  ].join(';');
}

/** The line below the terminal: a sentence, then the keys as caps. */
function captionPieces(caption: Caption, rows: number, styles: Styles): Piece[] {
  const top = rows * cell.height + margin;
  const pieces: Piece[] = [];
  const add = (svg: string, isBackground = false) => pieces.push({ svg, isBackground });
  let x = cell.width;
  const write = (text: string, declarations: string) => {
    const width = textWidth(text) * cell.width;
    add(textSvg(text, { x, y: top + 20, width }, styles.attribute(declarations)));
    x += width;
  };
  write(caption.text, 'font-weight:bold;fill:#fff');
  for (const { text, times, isLast } of caption.keys) {
    x += cell.width * 2;
    const width = (textWidth(text) + 1.5) * cell.width;
    const colors = isLast ? 'fill:#dce0e8' : 'fill:#3a3f4b';
    add(
      `<rect x="${x - cell.width * 0.75}" y="${top + 2}" width="${width}" height="26" rx="5"${styles.attribute(colors)}/>`,
      true,
    );
    write(text, isLast ? 'fill:#16181d;font-weight:bold' : `fill:${ground.fg}`);
    x += cell.width * 0.75;
    if (times === 1) continue;
    x += cell.width;
    write(`×${times}`, 'fill:#9aa1ad');
  }
  return pieces;
}

const seconds = (ms: number) => Number((ms / 1000).toFixed(3));

const escaped = (text: string) => text.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`);
