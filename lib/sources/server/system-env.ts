import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionWorld } from './connection.ts';

/** The machine's own clock and chance. */
export const realWorld: ConnectionWorld = {
  nowMs: () => Date.now(),
  random: Math.random,
  pause: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined),
};

/** Waits for something, but not longer than this. */
export async function withPatience(work: Promise<unknown>, patienceMs: number): Promise<void> {
  const giveUp = new AbortController();
  // Unlike a pause this keeps the program alive: somebody waits.
  const patience = sleep(patienceMs, undefined, { signal: giveUp.signal }).catch(() => undefined);
  await Promise.race([work, patience]);
  giveUp.abort();
}
