/** Above this share of a core otop is dearer than what it watches may cost. */
const budgetPercent = 5;
/** Programs that want to run, for each processor: from here on otop leaves the machine to others. */
const crowded = 3;

/**
 * By how much the slow tick is stretched: 1 within the budget, up to 4 where otop itself uses twice of it or the machine
 * is crowded twice over. File events go on being heard at once: only the net below them is widened.
 */
export function paceOf(use: { readonly cpuPercent?: number; readonly loadPerCore: number }): number {
  const excess = Math.max((use.cpuPercent ?? 0) / budgetPercent, use.loadPerCore / crowded);
  if (excess <= 1) return 1;
  return excess <= 2 ? 2 : 4;
}
