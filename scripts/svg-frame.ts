import { textWidth } from '../lib/text/width.ts';

/** Size of one terminal cell in SVG units, similar to that of most monospace fonts. */
const cell = { width: 9, height: 18 };

interface Style {
  fg: number | undefined;
  bg: number | undefined;
  bold: boolean;
  inverse: boolean;
  underline: boolean;
}

const plain: Style = { fg: undefined, bg: undefined, bold: false, inverse: false, underline: false };
const defaultColor = { fg: '#d0d0d0', bg: '#16181d' };

/** The sixteen named colours: a softer form of xterm's. */
const named = [
  '#20242c',
  '#e06c75',
  '#98c379',
  '#e5c07b',
  '#61afef',
  '#c678dd',
  '#56b6c2',
  '#d0d0d0',
  '#6b7280',
  '#ff7b86',
  '#b5e890',
  '#ffd68a',
  '#7cc4ff',
  '#e29bf5',
  '#74d7e4',
  '#ffffff',
];

/** Returns the colour of one of xterm's 256 indices as `#rrggbb`: 16 named ones, a 6x6x6 cube, 24 greys. */
export function xtermColor(index: number): string {
  const hex = (value: number) => value.toString(16).padStart(2, '0');
  if (index < 16) return named[index] ?? defaultColor.fg;
  if (index >= 232) return `#${hex(8 + (index - 232) * 10).repeat(3)}`;
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const place = index - 16;
  return `#${[Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((step) => hex(level(step))).join('')}`;
}

/** Applies one SGR sequence's parameters (ECMA-48 8.3.117; 38;5;n and 48;5;n of ISO 8613-6). */
function applySgr(style: Style, parameters: string): Style {
  const next = { ...style };
  const codes = parameters.split(';').map(Number);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) Object.assign(next, plain);
    else if (code === 1) next.bold = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) next.bold = false;
    else if (code === 24) next.underline = false;
    else if (code === 27) next.inverse = false;
    else if (code === 39) next.fg = undefined;
    else if (code === 49) next.bg = undefined;
    else if (code >= 30 && code <= 37) next.fg = code - 30;
    else if (code >= 40 && code <= 47) next.bg = code - 40;
    else if (code >= 90 && code <= 97) next.fg = code - 82;
    else if (code >= 100 && code <= 107) next.bg = code - 92;
    else if ((code === 38 || code === 48) && codes[at + 1] === 5) {
      if (code === 38) next.fg = codes[at + 2];
      else next.bg = codes[at + 2];
      at += 2;
    }
  }
  return next;
}

interface Run {
  readonly text: string;
  readonly col: number;
  readonly cols: number;
  readonly style: Style;
}

/** Splits one line of text with SGR sequences into runs of one style. */
function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let style = plain;
  let col = 0;
  for (const piece of line.split(/(\x1b\[[\d;]*m)/)) {
    const sgr = /^\x1b\[([\d;]*)m$/.exec(piece);
    if (sgr) {
      style = applySgr(style, sgr[1] ?? '');
    } else if (piece !== '') {
      const cols = textWidth(piece);
      runs.push({ text: piece, col, cols, style });
      col += cols;
    }
  }
  return runs;
}

const escapeXml = (text: string) => text.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`);

function runToSvg(run: Run, row: number): string {
  const front = run.style.fg === undefined ? defaultColor.fg : xtermColor(run.style.fg);
  const back = run.style.bg === undefined ? defaultColor.bg : xtermColor(run.style.bg);
  const [fg, bg] = run.style.inverse ? [back, front] : [front, back];
  const x = run.col * cell.width;
  const width = run.cols * cell.width;
  const box =
    bg === defaultColor.bg
      ? ''
      : `<rect x="${x}" y="${row * cell.height}" width="${width}" height="${cell.height}" fill="${bg}"/>`;
  const fontStyle = `${run.style.bold ? ' font-weight="bold"' : ''}${run.style.underline ? ' text-decoration="underline"' : ''}`;
  // Draws word by word: fonts have different advance widths, so a long run would drift from its cells.
  const words = [...run.text.matchAll(/\S+/g)].map((word) => {
    const left = (run.col + textWidth(run.text.slice(0, word.index))) * cell.width;
    const length = textWidth(word[0]) * cell.width;
    const y = row * cell.height + 13;
    return `<text x="${left}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${fg}"${fontStyle}>${escapeXml(word[0])}</text>`;
  });
  return box + words.join('');
}

/** Draws a frame, given as lines of text with SGR sequences, as an SVG picture of a terminal. */
export function frameToSvg(lines: readonly string[], cols: number): string {
  const width = cols * cell.width;
  const height = lines.length * cell.height;
  const body = lines
    .map((line, row) =>
      runsOf(line)
        .map((run) => runToSvg(run, row))
        .join(''),
    )
    .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -12 ${width + 24} ${height + 24}" xml:space="preserve" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14.5">
<rect x="-12" y="-12" width="${width + 24}" height="${height + 24}" rx="8" fill="${defaultColor.bg}"/>
${body}
</svg>
`;
}
