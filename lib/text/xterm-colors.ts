/** The 16 first colours differ by terminal; these are xterm's own. */
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
const cubeLevels = [0, 95, 135, 175, 215, 255];

/** A colour of xterm's 256 as `#rrggbb`, for what is no terminal: 16 basic ones, a 6x6x6 cube, 24 greys. */
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
