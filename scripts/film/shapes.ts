/** Size of a terminal cell in units of the picture: 3 to 5, as in most monospace fonts. */
export const cell = { width: 9, height: 18 };

/** What fills a cell reaches into the next row, lest the seam between two rows shine through at odd scales. */
export const overlap = 0.5;

/** A rectangle within a cell: left, top, width, height. */
type Box = readonly [left: number, top: number, width: number, height: number];

/** A character as a shape. Boxes of neighbours join, whatever font the reader has. */
export type Shape =
  | { readonly boxes: readonly Box[]; readonly isShade?: boolean }
  /** SVG path data within the cell, from its left end on row 0. */
  | { readonly path: string };

const { width, height } = cell;
const middle = { x: Math.floor(width / 2), y: height / 2 };
const across: Box = [0, middle.y, width, 1];
const down: Box = [middle.x, 0, 1, height];
const toRight: Box = [middle.x, middle.y, width - middle.x, 1];
const toLeft: Box = [0, middle.y, middle.x + 1, 1];
const below: Box = [middle.x, middle.y, 1, height - middle.y];
const above: Box = [middle.x, 0, 1, middle.y + 1];

/** A circle around the cell's middle, from the cell's corner and back to it. The second one in a path is a hole. */
function circle(radius: number): string {
  const left = width / 2 - radius;
  const half = (across: number) => `a${radius} ${radius} 0 1 0 ${across} 0`;
  return `m${left} ${middle.y}${half(2 * radius)}${half(-2 * radius)}m${-left} ${-middle.y}`;
}

/** `▁` to `█`: eighths of a cell, from its bottom. */
const levels = Array.from({ length: 8 }, (_, eighth): [string, Shape] => {
  const top = height - ((eighth + 1) * height) / 8;
  return [String.fromCodePoint(0x2581 + eighth), { boxes: [[0, top, width, height + overlap - top]] }];
});

/** The characters that fonts draw differently or lack, as shapes; any other is written as text. */
export const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ...levels,
  ['─', { boxes: [across] }],
  ['│', { boxes: [down] }],
  ['┌', { boxes: [toRight, below] }],
  ['┐', { boxes: [toLeft, below] }],
  ['└', { boxes: [toRight, above] }],
  ['┘', { boxes: [toLeft, above] }],
  ['▌', { boxes: [[0, 0, width / 2, height + overlap]] }],
  ['░', { boxes: [[0, 0, width, height]], isShade: true }],
  ['▶', { path: 'm1 4.5v9l7-4.5z' }],
  ['▴', { path: 'm1 12h7l-3.5-6z' }],
  ['▾', { path: 'm1 6h7l-3.5 6z' }],
  ['●', { path: circle(3.5) }],
  ['○', { path: `${circle(3.5)}${circle(2.5)}` }],
  ['•', { path: circle(1.5) }],
  [
    '✖',
    {
      path: 'm1.5 5.5l1.5-1.5 1.5 2 1.5-2 1.5 1.5-2 2.5 2 2.5-1.5 1.5-1.5-2-1.5 2-1.5-1.5 2-2.5z',
    },
  ],
]);
