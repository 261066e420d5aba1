/**
 * True for what can be the id of a session, or of what it asks: opencode makes `ses_` and letters and digits, importers
 * other words. Ids are shown, copied, given to `opencode -s` and put into addresses as they are: what is no plain word, or
 * could be taken for an option or for `..`, is nobody's id.
 */
export function isSessionId(text: string): boolean {
  return /^\w[\w.:-]{0,127}$/.test(text);
}
