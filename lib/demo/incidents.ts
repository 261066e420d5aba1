import type { Crew } from './crew.ts';
import { delegate } from './delegate.ts';
import {
  answer,
  askPermission,
  askQuestion,
  close,
  compact,
  openStep,
  plainTurn,
  preamble,
  prompt,
  retry,
  runCommand,
  type Script,
  type Stage,
  think,
  workStep,
  write,
} from './scenes.ts';

/** A turn with one memorable moment, which lasts until `untilMs`, or a second at the least. */
export type Incident = (stage: Stage, crew: Crew, untilMs: number) => Script;

function left({ session }: Stage, untilMs: number): number {
  return Math.max(1000, untilMs - session.nowMs);
}

const longAnswer =
  'Here is the whole comparison, table first, then the reasons, then what I would do on Monday.';

/** Every incident by the state that it shows at its moment. */
export const incidents = {
  *permission(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* preamble(stage);
    const command = stage.random.pick(['npm publish --tag beta', 'git push origin HEAD', 'rm -rf dist/old']);
    yield* askPermission(stage, left(stage, untilMs), command);
    yield* close(stage, 'tool-calls');
    yield* answer(stage);
  },

  *question(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* preamble(stage);
    yield* askQuestion(stage, left(stage, untilMs));
    yield* close(stage, 'tool-calls');
    yield* workStep(stage);
    yield* answer(stage);
  },

  *subagent(stage, crew, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    yield* delegate(stage, crew, Math.max(1000, left(stage, untilMs) - 10_000));
    yield* close(stage, 'tool-calls');
    yield* answer(stage);
  },

  *error(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    stage.session.fail('Your credit balance is too low to access the API.', 400);
    yield left(stage, untilMs);
  },

  *truncated(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    yield* write(stage, `${longAnswer} First of all, the`, 6000);
    yield* close(stage, 'length');
    yield left(stage, untilMs);
  },

  *retrying(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* retry(stage, left(stage, untilMs));
    yield* write(stage, longAnswer, 4000);
    yield* close(stage, 'stop');
  },

  *generating(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    yield* write(stage, longAnswer, left(stage, untilMs));
    yield* close(stage, 'stop');
  },

  *thinking(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    yield* think(stage, left(stage, untilMs));
    yield* write(stage, longAnswer, 5000);
    yield* close(stage, 'stop');
  },

  *command(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* preamble(stage);
    yield* runCommand(stage, stage.random.pick(stage.job.commands), left(stage, untilMs));
    yield* close(stage, 'tool-calls');
    yield* answer(stage);
  },

  *compacting(stage, _crew, untilMs) {
    yield* prompt(stage);
    yield* workStep(stage);
    yield* compact(stage, left(stage, untilMs));
    yield* answer(stage);
  },

  *queued(stage, _crew, untilMs) {
    const { session, job } = stage;
    yield* prompt(stage);
    yield* openStep(stage);
    session.startText('text');
    yield 4000;
    session.prompt(job.prompts[1] ?? job.prompts[0]);
    yield left(stage, untilMs);
    session.endText(longAnswer);
    session.endStep('stop', true);
    yield 20;
    yield* answer(stage);
  },

  *plain(stage) {
    yield* plainTurn(stage, stage.random.between(1, 5));
  },
} as const satisfies Record<string, Incident>;

export type IncidentName = keyof typeof incidents;
