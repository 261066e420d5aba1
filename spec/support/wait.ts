/**
 * The limit of each wait of a spec. Long, because a busy machine is slow, and below the limit of the test
 * (vitest.config.ts), so that the message says what did not come.
 */
export const waitMs = 45_000;

/** Resolves like the promise; after `waitMs` rejects with a message that says what did not come. */
export async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${waitMs} ms`)), waitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
