import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { ReportedAsk } from './reported-status.ts';

/** What a person answers to an ask. */
export type Answer =
  | { readonly kind: 'allow once' | 'reject' }
  /** Lasts beyond this session, so the person must have typed the word. */
  | { readonly kind: 'always'; readonly typed: string }
  /** One list for each question, in its order: labels of its options, or words of one's own. */
  | { readonly kind: 'answers'; readonly answers: readonly (readonly string[])[] }
  | { readonly kind: 'dismiss' };

/** What came of it, in words for the notice and otop's log. */
export interface ActOutcome {
  readonly done: boolean;
  readonly text: DisplayText;
}

/** An ask that waits, where a server can be told the answer. */
export interface PendingAsk {
  readonly sessionId: string;
  readonly ask: ReportedAsk;
}

/** An ask that can be answered, and whose it is. */
export interface InboxEntry extends PendingAsk {
  readonly title: DisplayText;
  /** The row it is shown in: a subagent's is its root's. */
  readonly rowKey?: string;
  /** How many sessions ask the very same, this one included. */
  readonly alike: readonly PendingAsk[];
}

/** What typed words answer: a question, as one of several answers; or an ask, with the word that has to be typed. */
export interface TypedReply {
  readonly asks: readonly PendingAsk[];
  readonly reply: 'always' | { readonly entry: InboxEntry; readonly answers: readonly (readonly string[])[] };
}

/** Acts on sessions, always at a person's request. Never rejects: what went wrong is in the outcome. */
export interface SessionActs {
  /** Whether a server that hosts the session can be reached now. */
  reaches(sessionId: string): boolean;
  /** All that can be answered now. */
  asks(): readonly PendingAsk[];
  answer(sessionId: string, ask: ReportedAsk, answer: Answer): Promise<ActOutcome>;
  /** Ends the session's turn. */
  abort(sessionId: string): Promise<ActOutcome>;
}

/** An answer in the form that opencode takes it (opencode.md, "Endpoints"). */
export type Reply =
  | { readonly to: 'permission'; readonly askId: string; readonly reply: 'once' | 'always' | 'reject' }
  | { readonly to: 'question'; readonly askId: string; readonly answers: readonly (readonly string[])[] }
  | { readonly to: 'question'; readonly askId: string; readonly dismissed: true };

/** The word that has to be typed for what lasts. */
const alwaysWord = 'always';

/** The reply to an ask, or why this answer is none to it, in words. */
export function replyTo(ask: ReportedAsk, answer: Answer): Reply | { readonly refused: DisplayText } {
  const askId = ask.id;
  if (ask.kind === 'permission') {
    switch (answer.kind) {
      case 'allow once':
        return { to: 'permission', askId, reply: 'once' };
      case 'reject':
        return { to: 'permission', askId, reply: 'reject' };
      case 'always':
        return answer.typed.trim() === alwaysWord
          ? { to: 'permission', askId, reply: 'always' }
          : refused(`what is allowed always lasts: type the word ${alwaysWord}`);
      default:
        return refused('it asks for permission: allow it once or reject it');
    }
  }
  if (answer.kind === 'dismiss' || answer.kind === 'reject')
    return { to: 'question', askId, dismissed: true };
  if (answer.kind !== 'answers') return refused('it asks a question: answer or dismiss it');
  const reason = unfit(ask, answer.answers);
  return reason === undefined ? { to: 'question', askId, answers: answer.answers } : refused(reason);
}

/** Why these answers do not fit the questions. */
function unfit({ questions = [] }: ReportedAsk, answers: readonly (readonly string[])[]): string | undefined {
  if (answers.length !== questions.length) {
    return `${questions.length} to answer, and ${answers.length} answered`;
  }
  for (const [index, { question, options, multiple, custom }] of questions.entries()) {
    const chosen = answers[index] ?? [];
    if (chosen.length === 0 || chosen.some((each) => each.trim() === '')) return `no answer to: ${question}`;
    if (chosen.length > 1 && !multiple) return `only one answer can be given to: ${question}`;
    const unknown = chosen.find((each) => !options.some(({ label }) => label === each));
    if (unknown !== undefined && !custom) return `${unknown} is none of the answers to: ${question}`;
  }
  return undefined;
}

function refused(text: string): { readonly refused: DisplayText } {
  return { refused: sanitize(text) };
}
