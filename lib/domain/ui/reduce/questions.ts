import { sanitize } from '../../../text/sanitize.ts';
import { screenBoard } from '../../board/tree.ts';
import { answerOf, endQuestion } from '../question.ts';
import type { UiState } from '../ui-state.ts';
import { type Moment, noticed, type Reducers, type Step, still, without } from './step.ts';

/** What is done only after a person was asked and said yes. */
export const questionReducers: Reducers<'ask-end' | 'answer'> = {
  'ask-end': (state, _action, moment) => still(askEnd(state, moment)),
  answer: (state, { key }, moment) => answer(state, key, moment),
};

function askEnd(state: UiState, { board, nowMs }: Moment): UiState {
  // With those that the filter hides: they stop, too.
  const { rows } = screenBoard(board, state);
  const row = rows.find(({ key }) => key === state.selectedKey);
  if (!row?.process) return state;
  const { pid } = row.process;
  const hosted = rows.filter(({ process, host }) => process?.pid === pid && host === row.host);
  return {
    ...without(without(state, 'overlay'), 'menu'),
    question: endQuestion(row, row.process, hosted, state, nowMs),
  };
}

function answer(state: UiState, key: string, { nowMs }: Moment): Step {
  const { question } = state;
  const said = question && answerOf(key, question, nowMs);
  if (!question || said === undefined) return still(state);
  const closed = without(state, 'question');
  if (said === 'no') return still(noticed(closed, sanitize('nothing was done'), nowMs));
  const { yes } = question;
  const terminated = yes.type === 'end-process' ? [...state.terminated, yes.key] : state.terminated;
  return { state: { ...closed, terminated }, effects: [yes] };
}
