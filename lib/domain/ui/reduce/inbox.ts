import { sanitize } from '../../../text/sanitize.ts';
import { numberMismatch } from '../../session/acts.ts';
import { askMenu, inboxMenu, inboxOf } from '../inbox.ts';
import { lineOf } from '../line-edit.ts';
import type { UiState } from '../ui-state.ts';
import { select } from './selection.ts';
import { noEffects, noticed, type ReduceInput, type Reducers, type Step, without } from './step.ts';

/** Reducers of the inbox: pending asks of sessions, and the person's answers. */
export const inboxReducers: Reducers<
  | 'inbox'
  | 'inbox-open'
  | 'ask-menu'
  | 'ask-next'
  | 'ask-prompt'
  | 'ask-typed'
  | 'ask-answer'
  | 'ask-jump'
  | 'confirm-abort'
> = {
  inbox: (state) => ({ state, effects: [{ type: 'inbox' }] }),
  'inbox-open': (state, { asks, answered }, { shown, nowMs }) => {
    const menu = inboxMenu(inboxOf(asks, shown, answered), shown.demo);
    return noEffects(menu ? { ...state, menu } : noticed(state, sanitize('no session asks anything'), nowMs));
  },
  'ask-menu': (state, { entry, answers, chosen = [], selected = 0, problem }, { shown }) => {
    const menu = askMenu(entry, answers, chosen, shown.demo);
    const text = [...(menu.text ?? []), ...(problem === undefined ? [] : [problem])];
    return noEffects({ ...state, menu: { ...menu, text, selected } });
  },
  'ask-next': (state, { entry, answers }) => {
    const isLast = answers.length >= (entry.ask.questions?.length ?? 0);
    const asks = [{ sessionId: entry.sessionId, ask: entry.ask }];
    return {
      ...noEffects(state),
      follow: isLast
        ? { type: 'ask-answer', asks, answer: { kind: 'answers', answers } }
        : { type: 'ask-menu', entry, answers },
    };
  },
  'ask-prompt': (state, { asks, reply }) =>
    noEffects({
      ...state,
      prompt: { purpose: 'answer', line: lineOf(''), back: 0, draft: '', reply: { asks, reply } },
    }),
  'ask-typed': (state, { text, to: { asks, reply } }) => {
    if (reply === 'always')
      return answer(state, { type: 'answer', asks, answer: { kind: 'always', typed: text } });
    const { entry, answers } = reply;
    const question = entry.ask.questions?.[answers.length];
    const mismatch = question && numberMismatch(question, text);
    return mismatch === undefined
      ? { ...noEffects(state), follow: { type: 'ask-next', entry, answers: [...answers, [text]] } }
      : {
          ...noEffects(state),
          follow: { type: 'ask-menu', entry, answers, problem: sanitize(mismatch) },
        };
  },
  'ask-answer': (state, { asks, answer: given }) => answer(state, { type: 'answer', asks, answer: given }),
  'ask-jump': (state, { key }, { nowMs }) => ({
    state: select(without(state, 'menu'), key, nowMs),
    effects: [{ type: 'jump', key }],
  }),
  'confirm-abort': (state, { sessionId }, input) => noEffects(confirmAbort(state, sessionId, input)),
};

function answer(state: UiState, effect: Step['effects'][number]): Step {
  return { state: without(state, 'menu'), effects: [effect] };
}

function confirmAbort(state: UiState, sessionId: string | undefined, { shown, nowMs }: ReduceInput): UiState {
  const row = shown.rows.find(({ key, session }) =>
    sessionId === undefined ? key === state.selectedKey : session?.id === sessionId,
  );
  const id = sessionId ?? row?.session?.id;
  if (id === undefined) return state;
  return {
    ...without(without(state, 'overlay'), 'menu'),
    confirmation: {
      lines: [`End the turn of '${row?.session?.title ?? id}'?`, 'what it has done so far stays'].map(
        (line) => sanitize(line),
      ),
      yes: { type: 'abort', sessionId: id },
      askedAtMs: nowMs,
    },
  };
}
