import type { FleetState } from './fleet-state.ts';
import { notes } from './jobs.ts';
import {
  answer,
  askPermission,
  askQuestion,
  close,
  compact,
  openStep,
  permission,
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
} from './turn-steps.ts';

/** A turn that shows one state until `untilMs`, for at least a second. */
export type StateTurn = (stage: Stage, fleet: FleetState, untilMs: number) => Script;

function remainingMs({ session }: Stage, untilMs: number): number {
  return Math.max(1000, untilMs - session.nowMs);
}

const longAnswer =
  'Here is the whole comparison, table first, then the reasons, then what I would do on Monday.';

/** The turns by the state that they show. */
export const stateTurns = {
  *permission(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* preamble(stage);
    const command = stage.random.pick(['npm publish --tag beta', 'git push origin HEAD', 'rm -rf dist/old']);
    if (!(yield* askPermission(stage, remainingMs(stage, untilMs), command))) return;
    yield* close(stage, 'tool-calls');
    yield* answer(stage);
  },

  *question(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* preamble(stage);
    if (!(yield* askQuestion(stage, remainingMs(stage, untilMs)))) return;
    yield* close(stage, 'tool-calls');
    yield* workStep(stage);
    yield* answer(stage);
  },

  *subagent(stage, fleet, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    yield* delegate(stage, fleet, Math.max(1000, remainingMs(stage, untilMs) - 10_000));
    yield* close(stage, 'tool-calls');
    yield* answer(stage);
  },

  *error(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    stage.session.fail('Your credit balance is too low to access the API.', 400);
    yield remainingMs(stage, untilMs);
  },

  *truncated(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    yield* write(stage, `${longAnswer} First of all, the`, 6000);
    yield* close(stage, 'length');
    yield remainingMs(stage, untilMs);
  },

  *retrying(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* retry(stage, remainingMs(stage, untilMs));
    yield* write(stage, longAnswer, 4000);
    yield* close(stage, 'stop');
  },

  *generating(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    yield* write(stage, longAnswer, remainingMs(stage, untilMs));
    yield* close(stage, 'stop');
  },

  *thinking(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* openStep(stage);
    yield* think(stage, remainingMs(stage, untilMs));
    yield* write(stage, longAnswer, 5000);
    yield* close(stage, 'stop');
  },

  *command(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* preamble(stage);
    yield* runCommand(stage, stage.random.pick(stage.job.commands), remainingMs(stage, untilMs));
    yield* close(stage, 'tool-calls');
    yield* answer(stage);
  },

  *compacting(stage, _fleet, untilMs) {
    yield* prompt(stage);
    yield* workStep(stage);
    yield* compact(stage, remainingMs(stage, untilMs));
    yield* answer(stage);
  },

  *queued(stage, _fleet, untilMs) {
    const { session, job } = stage;
    yield* prompt(stage);
    yield* openStep(stage);
    session.startText('text');
    yield 4000;
    session.prompt(job.prompts[1] ?? job.prompts[0]);
    yield remainingMs(stage, untilMs);
    session.endText(longAnswer);
    session.endStep('stop', true);
    yield 20;
    yield* answer(stage);
  },

  *plain(stage) {
    yield* plainTurn(stage, stage.random.between(1, 5));
  },
} as const satisfies Record<string, StateTurn>;

export type StateTurnName = keyof typeof stateTurns;

/**
 * Starts a subagent that asks for permission to edit a file, for at most `waitMs`. The parent's row only shows a running
 * `task` tool; the child's part lacks metadata, as that of any tool that waits for permission.
 */
function* delegate(stage: Stage, fleet: FleetState, waitMs: number): Script {
  const { session, job, random } = stage;
  const description = 'cover the edge cases';
  const agent = 'general';
  session.callTool('task');
  yield random.between(800, 2000);
  const input = { description, prompt: `Please ${description} of ${job.files[0]}`, subagent_type: agent };
  session.runTool(input);
  yield 4;
  const child = fleet.startSubagent(session, agent, `${description} (@${agent} subagent)`);
  const { modelID, providerID } = session.start.model;
  const metadata = { parentSessionId: session.id, sessionId: child.id, model: { modelID, providerID } };
  session.showMetadata(description, metadata);
  yield 6;
  yield* subagentTurn({ session: child, job, random }, waitMs);
  fleet.endSession(child);
  session.endTool(`task_id: ${child.id}\n\nDone.`, description, metadata);
  yield 10;
}

function* subagentTurn(stage: Stage, waitMs: number): Script {
  const { session, job, random } = stage;
  const file = `${job.directory}/${random.pick(job.files)}`;
  session.prompt('Please cover the edge cases.');
  yield 15;
  yield* openStep(stage);
  yield* write(stage, random.pick(notes), 2000);
  session.callTool('edit');
  yield random.between(900, 2500);
  session.runTool({ filePath: file, oldString: 'before', newString: 'after' });
  yield random.between(5, 60);
  if (!(yield* permission(session, session.ask('edit', [file]), waitMs))) return;
  session.endTool('Edit applied successfully.', file);
  yield 10;
  session.endStep('tool-calls');
  yield 20;
  yield* openStep(stage);
  yield* write(stage, 'All edge cases are covered now.', 3000);
  session.endStep('stop');
  yield 10;
}
