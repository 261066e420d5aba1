let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop that nobody else who asks for one shares: what takes milliseconds each, as long
 * answers of several servers do, then never adds up to a pause in which no key is heard.
 */
export function ownTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
  return last;
}
