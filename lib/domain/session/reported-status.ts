import type { DisplayText } from '../../text/sanitize.ts';

/** One question of opencode's `question` tool, with the answers that it offers. */
export interface ReportedQuestion {
  readonly question: DisplayText;
  readonly options: readonly ReportedOption[];
  /** The user may choose more than one option. */
  readonly multiple: boolean;
  /** The user may answer with free text. */
  readonly custom: boolean;
  /** The field of opencode 2's form that the answer fills. */
  readonly field?: FormField;
}

/** An answer that a question offers. A form of opencode 2 takes the value, a question of opencode 1 the label. */
interface ReportedOption {
  readonly label: DisplayText;
  readonly description?: DisplayText;
  readonly value?: string | boolean;
}

/** A field of a form (opencode-2.md, "Forms"). */
interface FormField {
  readonly key: string;
  readonly type: 'string' | 'multiselect' | 'number' | 'integer' | 'boolean';
  readonly isRequired: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * An unanswered permission request or question that opencode reports (opencode.md, "Endpoints"; opencode.md, "Plugin
 * events").
 */
export interface ReportedAsk {
  readonly id: string;
  readonly kind: 'permission' | 'question';
  /** The name of the permission (`bash`, `edit`, …) or of the tool; absent for a question. */
  readonly tool?: DisplayText;
  /** Of a permission: the patterns of the command, or the file. Of a question: its text. */
  readonly patterns: readonly DisplayText[];
  readonly askedAtMs?: number;
  /** Of a question: the questions to answer, in order. */
  readonly questions?: readonly ReportedQuestion[];
  /** Of a permission: the patterns that the answer `always` allows. */
  readonly always?: readonly DisplayText[];
}

/** opencode's own status, which exists only in the memory of its process. */
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

/** The status of one session, reported by otop's plugin (`marker`) or by opencode's HTTP API (`server`). */
export interface ReportedStatus {
  readonly source: 'marker' | 'server';
  readonly sessionId: string;
  /** The time of the event (`marker`), or of the server's response (`server`). */
  readonly atMs: number;
  /** Absent if unknown: a plugin that starts late cannot assume idle. */
  readonly activity?: ReportedActivity;
  /** Only unanswered asks. */
  readonly asks: readonly ReportedAsk[];
  /** The last reported failure; only from the plugin. */
  readonly error?: { readonly name: DisplayText; readonly message?: DisplayText; readonly atMs: number };
}

/**
 * The newest status of each session, by id. If two have the same time, the first one wins. An ask keeps what only another
 * status says of it: a server says how a question can be answered, the plugin does not.
 */
export function newestStatuses(statuses: Iterable<ReportedStatus>): ReadonlyMap<string, ReportedStatus> {
  const bySession = new Map<string, ReportedStatus>();
  for (const status of statuses) {
    const known = bySession.get(status.sessionId);
    const isNewer = known === undefined || known.atMs < status.atMs;
    bySession.set(status.sessionId, isNewer ? withDetails(status, known) : withDetails(known, status));
  }
  return bySession;
}

function withDetails(status: ReportedStatus, other: ReportedStatus | undefined): ReportedStatus {
  if (other === undefined || status.asks.length === 0 || other.asks.length === 0) return status;
  const details = new Map(other.asks.map((ask) => [ask.id, ask]));
  return { ...status, asks: status.asks.map((ask) => ({ ...details.get(ask.id), ...ask })) };
}
