/**
 * True for what can be the id of a session, or of what it asks: opencode makes `ses_` and letters and digits, importers
 * other words. Ids are shown, copied, given to `opencode -s` and put into addresses as they are: what is no plain word, or
 * could be taken for an option or for `..`, is nobody's id.
 */
export function isSessionId(text: string): boolean {
  return /^\w[\w.:-]{0,127}$/.test(text);
}

const span = 2 ** 36;

/**
 * The time inside an ascending id of opencode's (`per_`, `que_`, `msg_`): its first nine hex digits are the
 * milliseconds modulo 2^36 (about 2.2 years), completed here to the time nearest to `nearMs`.
 * Undefined for anything else (opencode.md, "Ids").
 */
export function idTimeMs(id: string, nearMs: number): number | undefined {
  const digits = /^(?:per|que|msg|prt|evt)_([0-9a-f]{9})/.exec(id)?.[1];
  if (digits === undefined) return undefined;
  const within = Number.parseInt(digits, 16);
  return within + Math.round((nearMs - within) / span) * span;
}
