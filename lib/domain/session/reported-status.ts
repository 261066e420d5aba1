import type { DisplayText } from '../../text/sanitize.ts';

/** One question of opencode's `question` tool, with the answers that it offers. */
export interface ReportedQuestion {
  readonly question: DisplayText;
  readonly options: readonly { readonly label: DisplayText; readonly description?: DisplayText }[];
  /** More than one option may be chosen. */
  readonly multiple: boolean;
  /** An answer in words of one's own is welcome, too. */
  readonly custom: boolean;
}

/** A permission or question that waits for an answer, as opencode itself reports it (opencode.md, "Endpoints"; opencode.md, "Plugin events"). */
export interface ReportedAsk {
  readonly id: string;
  readonly kind: 'permission' | 'question';
  /** The permission's name (`bash`, `edit`, …) or the tool's; absent for a question. */
  readonly tool?: DisplayText;
  /** What is asked for: the command's patterns, the file; of a question its text first. */
  readonly patterns: readonly DisplayText[];
  readonly askedAtMs?: number;
  /** Of a question: what an answer must answer, each in its turn. */
  readonly questions?: readonly ReportedQuestion[];
  /** Of a permission: what answering `always` would allow from then on. */
  readonly always?: readonly DisplayText[];
}

/** What opencode's own status says; it lives in the process's memory and is in no file. */
export type ReportedActivity =
  | { readonly kind: 'busy' }
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'retry';
      readonly attempt: number;
      readonly message?: DisplayText;
      /** When the next attempt starts. */
      readonly nextMs?: number;
    };

/** One session's state, ready-made, from otop's plugin (`marker`) or from opencode's HTTP API (`server`). */
export interface ReportedStatus {
  readonly source: 'marker' | 'server';
  readonly sessionId: string;
  /** When it was last known to be so: the event's time, or the time of the server's answer. */
  readonly atMs: number;
  /** Absent where nothing was said yet: a plugin that starts late may not assume idle. */
  readonly activity?: ReportedActivity;
  /** Unanswered only. */
  readonly asks: readonly ReportedAsk[];
  /** The last failure that was reported; the plugin's only. */
  readonly error?: { readonly name: DisplayText; readonly message?: DisplayText; readonly atMs: number };
}

/** By session; of two statuses of one session the one known later holds, the first of two of the same time. */
export function newestStatuses(statuses: Iterable<ReportedStatus>): ReadonlyMap<string, ReportedStatus> {
  const bySession = new Map<string, ReportedStatus>();
  for (const status of statuses) {
    const known = bySession.get(status.sessionId);
    if (known === undefined || known.atMs < status.atMs) bySession.set(status.sessionId, status);
  }
  return bySession;
}
