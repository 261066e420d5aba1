const beatMs = 5;

/** The longest delay of a beat. */
interface Lateness {
  /** Wall-clock time, which includes other programs. */
  readonly wallMs: number;
  /** The CPU time of this process in it, and at most the wall-clock time. */
  readonly ownMs: number;
}

/** Starts a timer of 5 ms, which is late if the event loop is blocked. `stop` returns the longest delays. */
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
