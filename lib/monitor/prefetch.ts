import type { ProcessReading, ProcessSource } from '../domain/board/readings.ts';

/**
 * The same source with its first look under way: tmux answers and processor time passes while the rest of otop loads.
 * The first `sample` gives that look, however it is asked.
 */
export function withEarlyLook(source: ProcessSource, nowMs: number): ProcessSource {
  let early: Promise<ProcessReading> | undefined = source.sample('full', nowMs);
  // Handled where it is awaited; until then nobody listens.
  early.catch(() => undefined);
  return {
    sample(look, atMs) {
      const first = early;
      early = undefined;
      return first ?? source.sample(look, atMs);
    },
    close: () => source.close(),
  };
}
