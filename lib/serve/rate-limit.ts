import { LRUCache } from 'lru-cache';

/** The maximum rate of requests of one client: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The least recently active client is evicted first, and then has its whole burst again. */
const maxClients = 1000;

/** Keeps a token bucket for each client. `take` returns the milliseconds to wait, 0 if the request may go on. */
export function rateLimit(rate: Rate, monotonicMs: () => number): { take(client: string): number } {
  const buckets = new LRUCache<string, { left: number; atMs: number }>({ max: maxClients });
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
