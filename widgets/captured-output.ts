type Write = (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;

/** An output stream, or the part of it that is replaced. */
export interface Printable {
  write: Write;
}

/** The emitter of Node's warnings: `process`. */
export interface WarningSource {
  listeners(event: 'warning'): unknown[];
  on(event: 'warning', listener: (warning: Error) => void): unknown;
  removeAllListeners(event: 'warning'): unknown;
}

const maxChars = 64 * 1024;

/**
 * Captures Node's warnings, and everything that other code writes to `streams`, so that they do not damage the screen.
 * Returns a function that restores the streams and returns about the first 64 KiB of the captured text.
 */
export function captureOutput(streams: readonly Printable[], warnings: WarningSource): () => string {
  let captured = '';
  const capture = (text: string) => {
    if (captured.length < maxChars) captured += text;
  };
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) {
    stream.write = (chunk, ...rest) => {
      capture(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = rest.at(-1);
      if (typeof done === 'function') done();
      return true;
    };
  }
  // Node's own listener writes to the descriptor directly, not to a stream.
  const listeners = warnings.listeners('warning') as ((warning: Error) => void)[];
  warnings.removeAllListeners('warning');
  warnings.on('warning', (warning) => capture(`${warning.name}: ${warning.message}\n`));
  let isRestored = false;
  return () => {
    if (isRestored) return captured;
    isRestored = true;
    streams.forEach((stream, index) => {
      const write = writes[index];
      if (write) stream.write = write;
    });
    warnings.removeAllListeners('warning');
    for (const listener of listeners) warnings.on('warning', listener);
    return captured;
  };
}
