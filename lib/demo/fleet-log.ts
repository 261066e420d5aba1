import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { FleetEvent } from './fleet-event.ts';

/**
 * The log that all processes of the fleet share. opencode never shortens it (measured, 1.17 and newer); beyond
 * `capBytes` it is emptied as logrotate's copytruncate would, so that a demo may run for weeks.
 */
export class FleetLog {
  readonly #fd: number;
  readonly #capBytes: number;
  #sizeBytes = 0;

  constructor(path: string, capBytes: number) {
    this.#fd = openSync(path, 'w', 0o644);
    this.#capBytes = capBytes;
  }

  /** Appends the events' lines and moves the descriptors of those who wrote them. */
  append(events: readonly FleetEvent[]): void {
    if (this.#sizeBytes > this.#capBytes) {
      ftruncateSync(this.#fd, 0);
      this.#sizeBytes = 0;
    }
    const startBytes = this.#sizeBytes;
    const lines: string[] = [];
    for (const event of events) {
      if (event.kind !== 'log') continue;
      lines.push(event.line);
      this.#sizeBytes += Buffer.byteLength(event.line);
      event.process.logPositionBytes = this.#sizeBytes;
    }
    if (lines.length > 0) writeSync(this.#fd, lines.join(''), startBytes);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
