import { LRUCache } from 'lru-cache';

/** How often one client may ask: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Clients remembered at the most; who was quiet longest is forgotten, and then has its whole burst again. */
const capacity = 1000;

/** A token bucket for each client; `take` gives the milliseconds to wait, 0 where the request may go on. */
export function rateLimit(rate: Rate, monotonicMs: () => number): { take(client: string): number } {
  const buckets = new LRUCache<string, { left: number; atMs: number }>({ max: capacity });
  return {
    take(client) {
      const nowMs = monotonicMs();
      const bucket = buckets.get(client) ?? { left: rate.burst, atMs: nowMs };
      const left = Math.min(rate.burst, bucket.left + ((nowMs - bucket.atMs) / 1000) * rate.perSecond);
      buckets.set(client, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
      return left >= 1 ? 0 : Math.ceil(((1 - left) / rate.perSecond) * 1000);
    },
  };
}
