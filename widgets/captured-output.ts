type Write = (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;

/** What can be printed to. */
export interface Printable {
  write: Write;
}

/** Where Node prints warnings: `process`. */
export interface WarningSource {
  listeners(event: 'warning'): unknown[];
  on(event: 'warning', listener: (warning: Error) => void): unknown;
  removeAllListeners(event: 'warning'): unknown;
}

const mostChars = 64 * 1024;

/**
 * Keeps what anything else prints, and Node's warnings, away from the screen while it is up.
 * Returns a function that puts everything back and gives the kept text (its first 64 KiB).
 */
export function captureOutput(streams: readonly Printable[], warnings: WarningSource): () => string {
  let kept = '';
  const keep = (text: string) => {
    if (kept.length < mostChars) kept += text;
  };
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = (chunk, ...rest) => {
      keep(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = rest.at(-1);
      if (typeof done === 'function') done();
      return true;
    };
  }
  // Node's own listener writes to the descriptor, past every stream.
  const listeners = warnings.listeners('warning') as ((warning: Error) => void)[];
  warnings.removeAllListeners('warning');
  warnings.on('warning', (warning) => keep(`${warning.name}: ${warning.message}\n`));
  let restored = false;
  return () => {
    if (restored) return kept;
    restored = true;
    streams.forEach((stream, index) => {
      const write = writes[index];
      if (write) stream.write = write;
    });
    warnings.removeAllListeners('warning');
    for (const listener of listeners) warnings.on('warning', listener);
    return kept;
  };
}
