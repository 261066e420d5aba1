/** Converts a colour of xterm's 256 to linear RGB, 0 to 1 each (cube and greys only; the terminal defines the first 16). */
function linearRgb(index: number): readonly [number, number, number] {
  if (index >= 232) {
    const grey = linear(8 + (index - 232) * 10);
    return [grey, grey, grey];
  }
  const levels = [0, 95, 135, 175, 215, 255];
  const cube = index - 16;
  const at = (digit: number) => linear(levels[digit % 6] ?? 0);
  return [at(Math.floor(cube / 36)), at(Math.floor(cube / 6)), at(cube)];
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

type Rgb = readonly [number, number, number];

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Returns WCAG 2's contrast ratio of two of xterm's colours, 1 to 21. */
export function contrast(a: number, b: number): number {
  const [dark = 0, bright = 0] = [luminance(linearRgb(a)), luminance(linearRgb(b))].sort((x, y) => x - y);
  return (bright + 0.05) / (dark + 0.05);
}

/** Matrices of colour blindness (Machado, Oliveira and Fernandes 2009, severity 1). */
export const blindness = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
} as const;

/** Returns the CIE 1976 difference of two colours for colour-blind eyes: 2 is just visible, 20 is obvious. */
export function difference(a: number, b: number, eyes: keyof typeof blindness): number {
  const [one, other] = [a, b].map((index) => lab(seen(linearRgb(index), eyes)));
  return Math.hypot(...(one ?? []).map((part, index) => part - (other?.[index] ?? 0)));
}

function seen([red, green, blue]: Rgb, eyes: keyof typeof blindness): Rgb {
  const [r, g, b] = blindness[eyes].map((row) =>
    Math.min(1, Math.max(0, row[0] * red + row[1] * green + row[2] * blue)),
  );
  return [r ?? 0, g ?? 0, b ?? 0];
}

function lab([red, green, blue]: Rgb): number[] {
  const x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505;
  const y = luminance([red, green, blue]);
  const z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089;
  const [fx = 0, fy = 0, fz = 0] = [x, y, z].map((part) =>
    part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116,
  );
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}
