import { type EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * The limit of each wait of a spec. Long, because a busy machine is slow, and below the limit of the test
 * (vitest.config.ts), so that the message says what did not come.
 */
export const waitMs = 45_000;

/** Resolves like the promise; after `waitMs` rejects with a message that says what did not come, and what was last seen. */
export async function within<T>(what: string, promise: Promise<T>, lastSeen?: () => unknown): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate(what, lastSeen)), waitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Resolves with the first result of `look` that is neither undefined nor false. After `waitMs` rejects with a message
 * that says what did not come, and what was last seen. For what no event reports; looks every few milliseconds.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  lastSeen?: () => unknown,
): Promise<T> {
  const endMs = performance.now() + waitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw tooLate(what, lastSeen);
    await pause(5);
  }
}

/** Resolves with the arguments of an emitter's next event of this name; rejects like `within`, and at an `error`. */
export function eventOf(emitter: EventEmitter, name: string, lastSeen?: () => unknown): Promise<unknown[]> {
  return within(`the event ${name} of a ${emitter.constructor.name}`, once(emitter, name), lastSeen);
}

/** Stands for a pause of otop that is too long for a spec, such as the one before it connects again. */
export async function shortPause(): Promise<void> {
  await pause(5);
}

function tooLate(what: string, lastSeen: (() => unknown) | undefined): Error {
  const seen = lastSeen === undefined ? '' : `; last seen: ${lastSeen()}`;
  return new Error(`waited ${waitMs / 1000} s for ${what}${seen}`);
}
