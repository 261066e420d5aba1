import type { DisplayText } from '../../text/sanitize.ts';
import type { ReportedStatus } from '../session/reported-status.ts';

/** One session as otop's plugin saw it from inside of the process. */
export interface MarkedSession {
  readonly id: string;
  /** Where the plugin was told that it is a subagent's. */
  readonly parentId?: string;
  /** When it was made or last prompted, as far as the plugin was there; absent where it only heard of it otherwise. */
  readonly turnAtMs?: number;
  readonly status: ReportedStatus;
}

/** What otop's plugin says of the process it runs in. */
export interface Marker {
  readonly pid: number;
  /** The machine's name as the process saw it: only compared, never shown. */
  readonly host?: string;
  /** Of `/proc/PID/stat`: with the pid it names a process for good; absent where the system has no such thing. */
  readonly startTicks?: number;
  readonly loadedAtMs: number;
  readonly writtenAtMs: number;
  /** The opencode version, once it made a session. */
  readonly version?: DisplayText;
  readonly sessions: readonly MarkedSession[];
}
