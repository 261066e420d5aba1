const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Returns a function that makes ids as opencode does: 12 hex digits of (ms mod 2^36) << 12 | counter, then 14 characters.
 * Session ids are bit-inverted, so that the newest sorts first. The tail is a counter, not random, so specs are repeatable.
 */
export function createIds(): (prefix: 'ses' | 'msg' | 'prt' | 'per' | 'evt', atMs: number) => string {
  let lastMs = 0;
  let counter = 0;
  let serial = 0;
  return (prefix, atMs) => {
    counter = atMs === lastMs ? counter + 1 : 1;
    lastMs = atMs;
    const ascending = ((BigInt(atMs) << 12n) | BigInt(counter)) & 0xffffffffffffn;
    const stamp = prefix === 'ses' ? ~ascending & 0xffffffffffffn : ascending;
    serial += 1;
    return `${prefix}_${stamp.toString(16).padStart(12, '0')}${tail(serial)}`;
  };
}

function tail(serial: number): string {
  let rest = serial * 7919;
  let text = '';
  while (text.length < 14) {
    text += alphabet[rest % 62];
    rest = Math.floor(rest / 62) + 17 * (text.length + 1);
  }
  return text;
}
