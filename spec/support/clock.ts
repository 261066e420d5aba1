import type { Clock } from '../../lib/system/clock.ts';

interface Pending {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock that only a spec advances; timers run in the order of their times. */
export interface HandClock extends Clock {
  /** Runs every timer that becomes due, in order, and lets promises settle after each. */
  advance(byMs: number): Promise<void>;
  /** Sets the wall clock only, not the monotonic one, as ntpd or a user does. */
  setWallMs(nowMs: number): void;
  readonly pendingCount: number;
}

/** Returns such a clock; its wall time starts at `startMs`. */
export function handClock(startMs = 1_800_000_000_000): HandClock {
  let monotonic = 0;
  let wallOffset = startMs;
  const pending = new Set<Pending>();
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return {
    nowMs: () => wallOffset + monotonic,
    monotonicMs: () => monotonic,
    after(delayMs, run) {
      const entry: Pending = { atMs: monotonic + delayMs, run };
      pending.add(entry);
      return { cancel: () => pending.delete(entry) };
    },
    async advance(byMs) {
      await settle();
      const until = monotonic + byMs;
      for (;;) {
        const next = [...pending].filter((p) => p.atMs <= until).sort((a, b) => a.atMs - b.atMs)[0];
        if (!next) break;
        pending.delete(next);
        monotonic = Math.max(monotonic, next.atMs);
        next.run();
        await settle();
      }
      monotonic = until;
      await settle();
    },
    setWallMs(nowMs) {
      wallOffset = nowMs - monotonic;
    },
    get pendingCount() {
      return pending.size;
    },
  };
}
