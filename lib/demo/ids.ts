import type { Random } from './random.ts';

/** The prefixes of opencode 1.x's ids. */
export type IdPrefix = 'ses' | 'msg' | 'prt' | 'per' | 'que';

const tailAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Returns a function that makes ids as opencode does: 12 hex digits of (ms mod 2^36) << 12 | counter, then 14
 * characters. Session ids are bit-inverted, so that the newest sorts first (opencode.md, "Ids").
 */
export function createIds(random: Random): (prefix: IdPrefix, atMs: number) => string {
  let lastMs = -1;
  let counter = 0;
  return (prefix, atMs) => {
    counter = atMs === lastMs ? counter + 1 : 1;
    lastMs = atMs;
    const ascending = ((BigInt(atMs) << 12n) | BigInt(counter)) & 0xffffffffffffn;
    const stamp = prefix === 'ses' ? ~ascending & 0xffffffffffffn : ascending;
    return `${prefix}_${stamp.toString(16).padStart(12, '0')}${random.text(tailAlphabet, 14)}`;
  };
}
