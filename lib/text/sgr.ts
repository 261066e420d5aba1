import { type DisplayText, sanitizePieces } from './sanitize.ts';

/** The style of a piece of text; colours are xterm's 256. */
export interface TextStyle {
  readonly fg?: number;
  readonly bg?: number;
  readonly bold?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}

/** A piece of a terminal's line, with its style. */
export interface StyledText {
  readonly text: DisplayText;
  readonly style: TextStyle;
}

/**
 * Parses a line of `tmux capture-pane -e`: text between SGR sequences. Makes the text printable and keeps its blanks.
 * True colours become the nearest of the 256; other sequences are removed. `style` is the style at the line's start;
 * the result contains the style at its end.
 */
export function parseSgr(
  raw: string,
  style: TextStyle,
): { readonly pieces: StyledText[]; readonly style: TextStyle } {
  const parts = raw.split(/\x1b\[([\d;:]*)m/);
  const texts = sanitizePieces(parts.filter((_part, index) => index % 2 === 0));
  const pieces: StyledText[] = [];
  let current = style;
  texts.forEach((text, index) => {
    if (index > 0) current = applied(current, parts[2 * index - 1] ?? '');
    if (text !== '') pieces.push({ text, style: current });
  });
  return { pieces, style: current };
}

function applied(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/).map((text) => (text === '' ? -1 : Number(text)));
  let next: TextStyle = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { color, length } = extendedColor(codes.slice(at + 1));
      // No terminal has other colours, and a larger number would overwrite neighbouring bits of a cell's attributes.
      if (color !== undefined && color >= 0 && color <= 255)
        next = { ...next, [code === 38 ? 'fg' : 'bg']: color };
      at += length;
    } else next = simple(next, code);
  }
  return next;
}

function simple(style: TextStyle, code: number): TextStyle {
  const { fg: _fg, ...withoutFg } = style;
  const { bg: _bg, ...withoutBg } = style;
  if (code <= 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 7) return { ...style, inverse: true };
  if (code === 22) return { ...style, bold: false };
  if (code === 24) return { ...style, underline: false };
  if (code === 27) return { ...style, inverse: false };
  if (code >= 30 && code <= 37) return { ...style, fg: code - 30 };
  if (code === 39) return withoutFg;
  if (code >= 40 && code <= 47) return { ...style, bg: code - 40 };
  if (code === 49) return withoutBg;
  if (code >= 90 && code <= 97) return { ...style, fg: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, bg: code - 92 };
  return style;
}

/** Returns the colour after 38 or 48 and its count of parameters: `5;N`, `2;R;G;B`, and with colons `2::R:G:B`. */
function extendedColor(codes: readonly number[]): { color?: number; length: number } {
  const [kind, ...rest] = codes;
  if (kind === 5) return { color: rest[0] ?? 0, length: 2 };
  if (kind !== 2) return { length: codes.length };
  const skipped = rest[0] === -1 ? 1 : 0;
  const [red = 0, green = 0, blue = 0] = rest.slice(skipped);
  return { color: nearestColor(red, green, blue), length: 4 + skipped };
}

const cubeLevels = [0, 95, 135, 175, 215, 255] as const;

/** Returns the nearest of xterm's 6x6x6 colours and 24 greys. */
function nearestColor(red: number, green: number, blue: number): number {
  const rgb = [red, green, blue];
  const steps = rgb.map((value) => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40)));
  const cube = steps.map((step) => cubeLevels[step] ?? 255);
  const greyStep = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const grey = 8 + greyStep * 10;
  const distance = (other: readonly number[]) =>
    other.reduce((sum, value, index) => sum + (value - (rgb[index] ?? 0)) ** 2, 0);
  if (distance([grey, grey, grey]) < distance(cube)) return 232 + greyStep;
  const [r = 0, g = 0, b = 0] = steps;
  return 16 + 36 * r + 6 * g + b;
}

/** The first 16 colours differ between terminals; these are xterm's. */
const basic = [
  '#000000',
  '#cd0000',
  '#00cd00',
  '#cdcd00',
  '#0000ee',
  '#cd00cd',
  '#00cdcd',
  '#e5e5e5',
  '#7f7f7f',
  '#ff0000',
  '#00ff00',
  '#ffff00',
  '#5c5cff',
  '#ff00ff',
  '#00ffff',
  '#ffffff',
];

/** Returns a colour of xterm's 256 as `#rrggbb`, for output outside a terminal: 16 basic ones, a 6x6x6 cube, 24 greys. */
export function xtermHex(index: number): string {
  const known = basic[index];
  if (known !== undefined) return known;
  const hex = (...levels: readonly number[]) =>
    `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return hex(grey, grey, grey);
  }
  const cube = index - 16;
  const level = (digit: number) => cubeLevels[digit % 6] ?? 0;
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6)), level(cube));
}
