import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Board, Row } from '../board/board.ts';
import { type InboxEntry, isOptional, type PendingAsk } from '../session/acts.ts';
import type { ReportedAsk, ReportedQuestion } from '../session/reported-status.ts';
import type { Menu, MenuItem } from './action.ts';

/** The inbox: asks that otop can answer, identical ones next to each other, and rows that only their terminal can answer. */
export interface Inbox {
  readonly entries: readonly InboxEntry[];
  readonly elsewhere: readonly Row[];
}

/**
 * Builds the inbox from the asks of servers and the rows that ask, the longest wait first. A row whose ask is in
 * `answered` is left out, since the Board may not show the answer yet.
 */
export function inboxOf(
  asks: readonly PendingAsk[],
  { rows }: Pick<Board, 'rows'>,
  answered: readonly PendingAsk[] = [],
): Inbox {
  const rowBySession = new Map<string, Row>();
  for (const row of rows) {
    for (const { session } of row.children) rowBySession.set(session.id, row);
    if (row.session) rowBySession.set(row.session.id, row);
  }
  const groups = new Map<string, PendingAsk[]>();
  for (const pending of asks.toSorted((one, other) => askedAt(one) - askedAt(other))) {
    const group = groups.get(groupKey(pending.ask)) ?? [];
    groups.set(groupKey(pending.ask), [...group, pending]);
  }
  const entries = [...groups.values()].flatMap((alike) =>
    alike.map((pending): InboxEntry => {
      const row = rowBySession.get(pending.sessionId);
      const title = row?.session?.title ?? sanitize(pending.sessionId);
      return { ...pending, title, alike, ...(row && { rowKey: row.key }) };
    }),
  );
  const answeredKeys = answered.map(({ sessionId }) => rowBySession.get(sessionId)?.key);
  const answerable = new Set([...entries.map(({ rowKey }) => rowKey), ...answeredKeys]);
  const elsewhere = rows.filter(({ key, state }) => state.name === 'asking' && !answerable.has(key));
  return { entries, elsewhere };
}

function askedAt({ ask }: PendingAsk): number {
  return ask.askedAtMs ?? Number.MAX_SAFE_INTEGER;
}

/** Equal for asks that accept the same answer. */
function groupKey({ kind, tool, patterns, questions = [] }: ReportedAsk): string {
  return JSON.stringify([kind, tool, patterns, questions]);
}

/** The ask in one line. */
function askText({ kind, tool, patterns }: ReportedAsk): DisplayText {
  const words = patterns.join(' ');
  return sanitize(kind === 'permission' ? `${tool ?? 'permission'}: ${words}` : words);
}

function rowText({ state }: Row): string {
  return [state.tool, state.detail].filter((word) => word !== undefined).join(': ') || 'it asks';
}

/** Returns all asks as a menu, or undefined if there are none. Choosing an ask opens it and answers nothing yet. */
export function inboxMenu({ entries, elsewhere }: Inbox, isDemo: boolean): Menu | undefined {
  const items = [
    ...entries.map(
      (entry): MenuItem => ({
        label: entry.title,
        detail: sanitize(
          `${askText(entry.ask)}${entry.alike.length > 1 ? `  (${entry.alike.length} ask the same)` : ''}`,
        ),
        action: { type: 'ask-menu', entry, answers: [] },
      }),
    ),
    ...elsewhere.map(
      (row): MenuItem => ({
        label: row.session?.title ?? sanitize(row.key),
        detail: sanitize(`${rowText(row)}  (no server reaches it: jump to its terminal)`),
        ...(!isDemo && { action: { type: 'ask-jump', key: row.key } }),
      }),
    ),
  ];
  if (items.length === 0) return undefined;
  return { title: sanitize('inbox'), items, selected: 0 };
}

/**
 * Returns the menu of one ask, for its first question that `answers` does not answer yet. A simulated session has
 * neither a terminal nor a turn that can be ended.
 */
export function askMenu(
  entry: InboxEntry,
  answers: readonly (readonly string[])[],
  chosen: readonly string[],
  isDemo: boolean,
): Menu {
  const { ask, title, rowKey } = entry;
  const question = ask.questions?.[answers.length];
  const jump: readonly MenuItem[] =
    rowKey === undefined || isDemo
      ? []
      : [{ label: sanitize('jump to its terminal'), key: 'o', action: { type: 'ask-jump', key: rowKey } }];
  const endTurn: MenuItem = {
    label: sanitize('end the turn …'),
    key: 'X',
    action: { type: 'confirm-abort', sessionId: entry.sessionId },
  };
  // Enter must not dismiss a form that only opencode can show.
  const isForeign = ask.kind === 'question' && ask.questions === undefined;
  const items = [
    ...(isForeign ? jump : []),
    ...(ask.kind === 'permission' ? permissionItems(entry) : questionItems(entry, answers, chosen)),
    ...(isForeign ? [] : jump),
    ...(isDemo ? [] : [endTurn]),
  ];
  const position = (ask.questions?.length ?? 0) > 1 ? ` ${answers.length + 1}/${ask.questions?.length}` : '';
  return {
    title: sanitize(`${ask.kind}${position}: ${title}`),
    text: [
      question?.question ?? askText(ask),
      ...(isForeign ? [sanitize('otop cannot show this form: answer it in opencode')] : []),
    ],
    items,
    selected: 0,
    back: { type: 'inbox' },
  };
}

function permissionItems({ ask, sessionId, alike }: InboxEntry): MenuItem[] {
  const own = [{ sessionId, ask }];
  const all = sanitize(`in all ${alike.length} sessions that ask the same`);
  const lasting = ask.always?.join(', ');
  return [
    {
      label: sanitize('allow once'),
      key: '1',
      action: { type: 'ask-answer', asks: own, answer: { kind: 'allow once' } },
    },
    {
      label: sanitize('reject'),
      key: 'r',
      action: { type: 'ask-answer', asks: own, answer: { kind: 'reject' } },
    },
    ...(alike.length > 1
      ? [
          {
            label: sanitize('allow once'),
            detail: all,
            key: '2',
            action: { type: 'ask-answer', asks: alike, answer: { kind: 'allow once' } } as const,
          },
        ]
      : []),
    {
      label: sanitize('always …'),
      detail: sanitize(`lasts; the word has to be typed${lasting ? `: would allow ${lasting}` : ''}`),
      action: { type: 'ask-prompt', asks: own, reply: 'always' },
    },
  ];
}

function questionItems(
  entry: InboxEntry,
  answers: readonly (readonly string[])[],
  chosen: readonly string[],
): MenuItem[] {
  const { ask, sessionId } = entry;
  const own = [{ sessionId, ask }];
  const question = ask.questions?.[answers.length];
  const options = (question?.options ?? []).map(({ label, description }, index): MenuItem => {
    const isChosen = chosen.includes(label);
    const others = chosen.filter((each) => each !== label);
    return {
      label,
      ...(description !== undefined && { detail: description }),
      ...(index < 9 && { key: String(index + 1) }),
      ...(question?.multiple
        ? {
            indicator: isChosen ? 'on' : 'off',
            action: {
              type: 'ask-menu',
              entry,
              answers,
              chosen: isChosen ? others : [...chosen, label],
              selected: index,
            },
          }
        : { action: { type: 'ask-next', entry, answers: [...answers, [label]] } }),
    };
  });
  return [
    ...options,
    ...(question?.multiple && chosen.length > 0
      ? [
          {
            label: sanitize('answer with these'),
            action: { type: 'ask-next', entry, answers: [...answers, chosen] } as const,
          },
        ]
      : []),
    ...(question?.custom
      ? [
          {
            ...wordsLabel(question),
            key: 'w',
            action: { type: 'ask-prompt', asks: own, reply: { entry, answers } } as const,
          },
        ]
      : []),
    ...(question !== undefined && isOptional(question)
      ? [
          {
            label: sanitize('leave it out'),
            action: { type: 'ask-next', entry, answers: [...answers, []] } as const,
          },
        ]
      : []),
    {
      label: sanitize('dismiss'),
      key: 'r',
      action: { type: 'ask-answer', asks: own, answer: { kind: 'dismiss' } },
    },
  ];
}

/** The item that opens the prompt for a typed answer; of a number with its limits. */
function wordsLabel({ field }: ReportedQuestion): Pick<MenuItem, 'label' | 'detail'> {
  if (field?.type !== 'number' && field?.type !== 'integer') return { label: sanitize('in words …') };
  const { type, minimum, maximum } = field;
  const limits = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(maximum === undefined ? [] : [`up to ${maximum}`]),
  ];
  return {
    label: sanitize(type === 'integer' ? 'a whole number …' : 'a number …'),
    ...(limits.length > 0 && { detail: sanitize(limits.join(' ')) }),
  };
}
