import { statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * When a program last read what was typed at a terminal (`pts/3`), in milliseconds of the wall clock: the access time of its
 * device, by which w(1) tells who is idle. Linux moves it every eight seconds at most (drivers/tty/tty_io.c,
 * `tty_update_time`). Undefined where the device cannot be looked at.
 */
export function typedAtMs(tty: string): number | undefined {
  try {
    return statSync(join('/dev', tty), { throwIfNoEntry: false })?.atimeMs;
  } catch {
    // A sandbox may hide devices: then other signs have to do.
    return undefined;
  }
}
