/**
 * True for what can be the id of a session: opencode makes `ses_` and letters and digits, importers other words. Ids are
 * shown, copied, given to `opencode -s` and put into addresses as they are: what is no plain word is nobody's id.
 */
export function isSessionId(text: string): boolean {
  return /^[\w.:-]{1,128}$/.test(text);
}
