import { getHeapStatistics } from 'node:v8';

/** From this share of V8's limit on, V8 itself may end the process at any moment, which nothing in it could catch. */
const fullShare = 0.85;

/**
 * Throws while there still is memory to leave in order: V8's own end out of memory is an abort, which leaves the terminal as
 * it is. What takes the rest at one stroke is not seen coming.
 */
export function assertHeapRoom({ used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()): void {
  if (used > limit * fullShare)
    throw new RangeError(
      `out of memory: ${Math.round(used / 2 ** 20)} of ${Math.round(limit / 2 ** 20)} MB are in use`,
    );
}
