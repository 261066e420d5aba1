/**
 * True for a valid id of a session or of an ask: opencode writes `ses_` plus letters and digits, importers write other
 * words. otop uses ids unquoted on screens, in command lines and in URLs, so an option or `..` is not valid.
 */
export function isSessionId(text: string): boolean {
  return /^\w[\w.:-]{0,127}$/.test(text);
}

const idPeriodMs = 2 ** 36;

/**
 * The time in an ascending id of opencode (`per_`, `que_`, `msg_`), in milliseconds. Its first nine hex digits are the
 * time modulo 2^36 ms (about 2.2 years); the result is the matching time nearest to `nearMs`. Undefined for any other
 * id (opencode.md, "Ids").
 */
export function idTimeMs(id: string, nearMs: number): number | undefined {
  const digits = /^(?:per|que|msg|prt|evt)_([0-9a-f]{9})/.exec(id)?.[1];
  if (digits === undefined) return undefined;
  const remainderMs = Number.parseInt(digits, 16);
  return remainderMs + Math.round((nearMs - remainderMs) / idPeriodMs) * idPeriodMs;
}
