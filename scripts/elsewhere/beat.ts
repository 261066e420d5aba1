const beatMs = 5;

/** How long a beat was late at most. */
interface Lateness {
  /** By the clock, in which other programs ran, too. */
  readonly wallMs: number;
  /** This program's own processor time in it, where that is less. */
  readonly ownMs: number;
}

/** Beats every 5 ms as long as nothing holds up the event loop. */
export function startBeat(): { stop(): Lateness } {
  let wallMs = 0;
  let ownMs = 0;
  let dueAtMs = performance.now() + beatMs;
  let used = process.cpuUsage();
  let timer = setTimeout(beat, beatMs);
  function beat(): void {
    const lateMs = performance.now() - dueAtMs;
    const { user, system } = process.cpuUsage(used);
    wallMs = Math.max(wallMs, lateMs);
    ownMs = Math.max(ownMs, Math.min(lateMs, (user + system) / 1000));
    used = process.cpuUsage();
    dueAtMs = performance.now() + beatMs;
    timer = setTimeout(beat, beatMs);
  }
  return {
    stop() {
      clearTimeout(timer);
      return { wallMs, ownMs };
    },
  };
}
