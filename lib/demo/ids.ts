import type { Random } from './random.ts';

/** The kinds of ids that opencode 1.x makes. */
export type IdPrefix = 'ses' | 'msg' | 'prt' | 'per' | 'que';

const tailAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Makes ids as opencode does: 12 hex digits of (ms mod 2^36) << 12 | counter, then 14 characters; session ids are
 * bit-inverted, so that the newest sorts first (opencode.md, "Ids").
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
