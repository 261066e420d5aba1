import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { ReportedAsk, ReportedQuestion } from './reported-status.ts';

/** The user's answer to an ask. */
export type Answer =
  | { readonly kind: 'allow once' | 'reject' }
  /** Outlives this session, so the user has to type the word. */
  | { readonly kind: 'always'; readonly typed: string }
  /** One list for each question, in the order of the questions: labels of its options, or free text. */
  | { readonly kind: 'answers'; readonly answers: readonly (readonly string[])[] }
  | { readonly kind: 'dismiss' };

/** The result of an action, with a text for the notice and otop's log. */
export interface ActOutcome {
  readonly done: boolean;
  readonly text: DisplayText;
}

/** An unanswered ask of a session whose server accepts an answer. */
export interface PendingAsk {
  readonly sessionId: string;
  readonly ask: ReportedAsk;
}

/** An ask that can be answered, with its session. */
export interface InboxEntry extends PendingAsk {
  readonly title: DisplayText;
  /** The row that shows the ask; for a subagent the row of its root. */
  readonly rowKey?: string;
  /** All asks with the same content, this one included. */
  readonly alike: readonly PendingAsk[];
}

/** A reply that the user types: the word that confirms `always`, or free text as the next answer of an entry. */
export interface TypedReply {
  readonly asks: readonly PendingAsk[];
  readonly reply: 'always' | { readonly entry: InboxEntry; readonly answers: readonly (readonly string[])[] };
}

/** Actions on sessions, always requested by the user. The promises never reject: the outcome holds the error. */
export interface SessionActs {
  /** True if a server that hosts the session is reachable now. */
  reaches(sessionId: string): boolean;
  /** All asks that can be answered now. */
  asks(): readonly PendingAsk[];
  /** Sends the answer to the session's server. */
  answer(sessionId: string, ask: ReportedAsk, answer: Answer): Promise<ActOutcome>;
  /** Aborts the session's turn. */
  abort(sessionId: string): Promise<ActOutcome>;
}

/** An answer in the form of opencode's API (opencode.md, "Endpoints"). */
export type Reply =
  | { readonly to: 'permission'; readonly askId: string; readonly reply: 'once' | 'always' | 'reject' }
  | { readonly to: 'question'; readonly askId: string; readonly answers: readonly (readonly string[])[] }
  | { readonly to: 'question' | 'form'; readonly askId: string; readonly dismissed: true }
  /** opencode 2: values by the keys of the form's fields (opencode-2.md, "Forms"). */
  | { readonly to: 'form'; readonly askId: string; readonly answer: Readonly<Record<string, FieldValue>> };

/** The value of a form's field. */
type FieldValue = string | number | boolean | readonly string[];

/** The word that the user has to type for a lasting permission. */
const alwaysWord = 'always';

/** The reply for an ask, or `refused` with the reason if the answer does not fit the ask. */
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
          : refused(`to allow it from now on, type the word ${alwaysWord}`);
      default:
        return refused('the session asks for permission: allow it once or reject it');
    }
  }
  const to = isForm(ask) ? 'form' : 'question';
  if (answer.kind === 'dismiss' || answer.kind === 'reject') return { to, askId, dismissed: true };
  if (answer.kind !== 'answers') return refused('the session asks a question: answer or dismiss it');
  if (ask.questions === undefined) return refused('otop cannot show this form: answer it in opencode');
  const reason = mismatch(ask, answer.answers);
  if (reason !== undefined) return refused(reason);
  if (to === 'question') return { to, askId, answers: answer.answers };
  return { to, askId, answer: formAnswer(ask.questions, answer.answers) };
}

/** True for a form of opencode 2, whose ids begin with `frm_`. */
function isForm({ id }: ReportedAsk): boolean {
  return id.startsWith('frm_');
}

/** The values of a form by the keys of its fields; an answer was checked before. */
function formAnswer(
  questions: readonly ReportedQuestion[],
  answers: readonly (readonly string[])[],
): Readonly<Record<string, FieldValue>> {
  const entries = questions.flatMap(({ field, options }, index): [string, FieldValue][] => {
    if (field === undefined || answers[index]?.length === 0) return [];
    const values = (answers[index] ?? []).map(
      (text) => options.find(({ label }) => label === text)?.value ?? text,
    );
    const [first = ''] = values;
    switch (field.type) {
      case 'multiselect':
        return [[field.key, values.map(String)]];
      case 'number':
      case 'integer':
        return [[field.key, Number(first)]];
      default:
        return [[field.key, first]];
    }
  });
  return Object.fromEntries(entries);
}

/** True for a field that may stay empty: opencode does not require it, and it has no options to choose from. */
export function isOptional({ field, options }: ReportedQuestion): boolean {
  return field !== undefined && !field.isRequired && (field.type === 'boolean' || options.length === 0);
}

/** Returns the reason if a text is no value of a number field. */
export function numberMismatch({ field, question }: ReportedQuestion, text: string): string | undefined {
  if (field?.type !== 'number' && field?.type !== 'integer') return undefined;
  const { type, minimum = -Infinity, maximum = Infinity } = field;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || (type === 'integer' && !Number.isInteger(value)))
    return `${text} is no ${type === 'integer' ? 'whole number' : 'number'}: ${question}`;
  if (value < minimum) return `${text} is less than ${minimum}: ${question}`;
  return value > maximum ? `${text} is more than ${maximum}: ${question}` : undefined;
}

/** Returns the reason if the answers do not fit the questions. */
function mismatch(
  { questions = [] }: ReportedAsk,
  answers: readonly (readonly string[])[],
): string | undefined {
  if (answers.length !== questions.length) {
    return `questions: ${questions.length}, answers: ${answers.length}; give one answer to each question`;
  }
  for (const [index, asked] of questions.entries()) {
    const { question, options, multiple, custom } = asked;
    const chosen = answers[index] ?? [];
    if (chosen.length === 0 && isOptional(asked)) continue;
    if (chosen.length === 0 || chosen.some((each) => each.trim() === '')) return `no answer to: ${question}`;
    if (chosen.length > 1 && !multiple) return `only one answer can be given to: ${question}`;
    const unknown = chosen.find((each) => !options.some(({ label }) => label === each));
    if (unknown !== undefined && !custom) return `${unknown} is not one of the answers to: ${question}`;
    const notANumber = numberMismatch(asked, chosen[0] ?? '');
    if (notANumber !== undefined) return notANumber;
  }
  return undefined;
}

function refused(text: string): { readonly refused: DisplayText } {
  return { refused: sanitize(text) };
}
