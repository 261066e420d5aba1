/**
 * True until `untilMs` of something that lasts `spanMs` at the most: where the wall clock was set back it is over, as it would
 * last for as long as that.
 */
export function isLasting(untilMs: number, nowMs: number, spanMs: number): boolean {
  return untilMs > nowMs && untilMs <= nowMs + spanMs;
}
