import { describe, expect, it } from 'vitest';
import { replyTo } from '../../../lib/domain/session/acts.ts';
import type { ReportedAsk, ReportedQuestion } from '../../../lib/domain/session/reported-status.ts';
import { text } from '../../support/builders.ts';

const permission: ReportedAsk = { id: 'per_1', kind: 'permission', patterns: [text('npm test')] };
const asked = (some: Partial<ReportedQuestion> = {}): ReportedQuestion => ({
  question: text('Which db?'),
  options: [{ label: text('pg') }, { label: text('sqlite') }],
  multiple: false,
  custom: false,
  ...some,
});
const question = (...questions: ReportedQuestion[]): ReportedAsk => ({
  id: 'que_1',
  kind: 'question',
  patterns: [],
  questions,
});
const answers = (...lists: string[][]) => ({ kind: 'answers', answers: lists }) as const;

describe('the reply to a permission', () => {
  it.each([
    ['allow once', 'once'],
    ['reject', 'reject'],
  ] as const)('%s is %s', (kind, reply) => {
    expect(replyTo(permission, { kind })).toEqual({ to: 'permission', askId: 'per_1', reply });
  });

  it.each(['', 'y', 'ALWAYS', 'always!', 'al ways'])('refuses `always` if the user typed %j', (typed) => {
    expect(replyTo(permission, { kind: 'always', typed })).toEqual({
      refused: 'to allow it from now on, type the word always',
    });
  });

  it('refuses free text and a dismissal', () => {
    expect(replyTo(permission, answers(['yes']))).toHaveProperty('refused');
    expect(replyTo(permission, { kind: 'dismiss' })).toHaveProperty('refused');
  });
});

describe('the reply to a question', () => {
  it.each([
    ['one option', question(asked()), answers(['pg'])],
    [
      'several options if the question allows several',
      question(asked({ multiple: true })),
      answers(['pg', 'sqlite']),
    ],
    ['free text if the question allows it', question(asked({ custom: true })), answers(['both'])],
    ['one for each of several questions', question(asked(), asked()), answers(['pg'], ['sqlite'])],
  ])('accepts %s', (_what, ask, answer) => {
    expect(replyTo(ask, answer)).toEqual({ to: 'question', askId: 'que_1', answers: answer.answers });
  });

  it.each([
    ['no answer', question(asked()), answers([]), 'no answer to: Which db?'],
    ['blanks', question(asked({ custom: true })), answers(['  ']), 'no answer to: Which db?'],
    [
      'two options of a question for one',
      question(asked()),
      answers(['pg', 'sqlite']),
      'only one answer can be given to: Which db?',
    ],
    [
      'an option that is not offered',
      question(asked()),
      answers(['both']),
      'both is not one of the answers to: Which db?',
    ],
    [
      'too few answers',
      question(asked(), asked()),
      answers(['pg']),
      'questions: 2, answers: 1; give one answer to each question',
    ],
    [
      'too many answers',
      question(asked()),
      answers(['pg'], ['pg']),
      'questions: 1, answers: 2; give one answer to each question',
    ],
  ])('refuses %s', (_what, ask, answer, refused) => {
    expect(replyTo(ask, answer)).toEqual({ refused });
  });

  it('can be a dismissal', () => {
    expect(replyTo(question(asked()), { kind: 'dismiss' })).toEqual({
      to: 'question',
      askId: 'que_1',
      dismissed: true,
    });
  });
});
