import type { DisplayText } from '../../text/sanitize.ts';
import type { ReportedStatus } from '../session/reported-status.ts';

/** One session in the marker file of otop's plugin, which runs inside the opencode process. */
export interface MarkedSession {
  readonly id: string;
  /** Present if the plugin knows the parent of a subagent. */
  readonly parentId?: string;
  /** When it was created or last prompted; absent if the plugin received no such event. */
  readonly turnAtMs?: number;
  readonly status: ReportedStatus;
}

/** The marker file of otop's plugin: the facts about the process in which it runs. */
export interface Marker {
  readonly pid: number;
  /** The host name of the machine; only compared, never shown. */
  readonly host?: string;
  /** From `/proc/PID/stat`; identifies a process together with the pid. Absent on a system without `/proc`. */
  readonly startTicks?: number;
  readonly loadedAtMs: number;
  readonly writtenAtMs: number;
  /** The opencode version; absent before the first session. */
  readonly version?: DisplayText;
  readonly sessions: readonly MarkedSession[];
}
