import { byteSize, compactCount, duration, money, percent } from '../../text/format.ts';

/** The unit of a number: it decides the shown format and the units that a filter accepts. */
export type Measure = 'duration' | 'bytes' | 'money' | 'percent' | 'count' | 'number';

/** A number as a person wrote it. */
export interface Quantity {
  readonly value: number;
  /** One step of the last digit written: `2h` is exact to the hour, `1.5G` to a tenth of a gigabyte. */
  readonly step: number;
}

interface MeasureRecord {
  readonly format: (value: number) => string;
  /** Factor of each unit that is accepted; `''` accepts a number without a unit. */
  readonly units: Readonly<Record<string, number>>;
  /** Accepted examples, for messages and help. */
  readonly examples: string;
}

const thousands = { k: 1e3, m: 1e6, g: 1e9 };

/** The base units are milliseconds, bytes, US dollars, percent, and ones. */
export const measures: Readonly<Record<Measure, MeasureRecord>> = {
  duration: {
    format: duration,
    units: { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 },
    examples: '30s, 10m, 1h30m, 2d',
  },
  bytes: {
    format: byteSize,
    units: { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 },
    examples: '800K, 500M, 1.5G',
  },
  money: { format: money, units: { '': 1, ...thousands }, examples: '1, 0.50, $2' },
  percent: { format: percent, units: { '': 1, '%': 1 }, examples: '80, 80%' },
  count: { format: compactCount, units: { '': 1, ...thousands }, examples: '200, 48K, 1.3M' },
  number: { format: String, units: { '': 1 }, examples: '2878' },
};

const quantityPart = /(\d+(?:\.\d+)?|\.\d+)([a-z%]*)/gy;

/** Parses a quantity such as `1h30m`. Returns undefined if it is malformed or lacks its unit; 0 needs no unit. */
export function parseQuantity(text: string, measure: Measure): Quantity | undefined {
  const written = (measure === 'money' ? text.replace(/^\$/, '') : text).toLowerCase();
  const { units } = measures[measure];
  let value = 0;
  let step = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const [all, digits = '', unit = ''] of written.matchAll(quantityPart)) {
    const factor = units[unit] ?? (Number(digits) === 0 && unit === '' ? 1 : undefined);
    // Units must get smaller, as in `1h30m`; `30m1h` and `1m1m` are mistakes.
    if (factor === undefined || factor >= step) return undefined;
    step = factor * 10 ** -(digits.split('.')[1]?.length ?? 0);
    value += Number(digits) * factor;
    end += all.length;
  }
  if (end === 0 || end < written.length) return undefined;
  return { value, step };
}
