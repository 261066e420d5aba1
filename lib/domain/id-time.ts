/** Creation times in ids wrap after this many milliseconds (36 bits, about 795 days). */
const wrapMs = 2 ** 36;

/**
 * When an opencode id (`per_`, `que_`, `msg_`, `prt_`) was made, in epoch milliseconds: its first 12 hex digits
 * are (ms mod 2^36) << 12 | counter (`opencode-facts.md` §1, measured 1.2 to 1.18). The wrap is resolved towards
 * `nearMs`. Undefined where the id has another form. Not for `ses_`, whose bits are inverted.
 */
export function idTimeMs(id: string, nearMs: number): number | undefined {
  const digits = /^(?:per|que|msg|prt)_([0-9a-f]{12})/.exec(id)?.[1];
  if (digits === undefined) return undefined;
  const wrappedMs = Number.parseInt(digits.slice(0, 9), 16);
  return wrappedMs + Math.round((nearMs - wrappedMs) / wrapMs) * wrapMs;
}
