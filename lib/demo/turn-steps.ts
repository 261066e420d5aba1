import type { Reply } from '../domain/session/acts.ts';
import { answers, type Job, notes, thoughts } from './jobs.ts';
import type { Random } from './random.ts';
import type { Finish, SimulatedAsk, SimulatedSession } from './simulated-session.ts';

/** The delay until a script's next step in ms; with an ask, the delay after which the simulated user answers it. */
export type Wait = number | { readonly ask: SimulatedAsk; readonly waitMs: number };

/**
 * A script: the steps of one session in simulated time. It yields the delay until its next step, so it depends on the
 * seed and the answers of otop's user only, not on the number of `advance` calls.
 */
export type Script<Result = void> = Generator<Wait, Result, void>;

/** A session, its job, and the random numbers for its details. */
export interface Stage {
  session: SimulatedSession;
  readonly job: Job;
  readonly random: Random;
}

/** Writes a prompt; the loop opens its first step some ms later. */
export function* prompt({ session, job, random }: Stage): Script {
  session.prompt(random.pick(job.prompts));
  yield random.between(20, 80);
}

/** Sends a request to the model and waits for the first token. */
export function* openStep({ session, random }: Stage): Script {
  session.beginStep();
  yield random.between(500, 2500);
}

/** Streams reasoning for `durationMs`. */
export function* think({ session, random }: Stage, durationMs: number): Script {
  session.startText('reasoning');
  yield durationMs;
  session.endText(random.pick(thoughts));
  yield random.between(5, 40);
}

/** Streams text for `durationMs`. */
export function* write({ session }: Stage, text: string, durationMs: number): Script {
  session.startText('text');
  yield durationMs;
  session.endText(text);
  yield 10;
}

/** Opens a step, often with reasoning or text before its tool call. */
export function* preamble(stage: Stage): Script {
  const { random } = stage;
  yield* openStep(stage);
  if (random.chance(60)) yield* think(stage, random.between(1200, 6000));
  if (random.chance(60)) yield* write(stage, random.pick(notes), random.between(800, 3000));
}

/** Ends a step; the next one follows within ms. */
export function* close({ session, random }: Stage, finish: Finish): Script {
  session.endStep(finish);
  yield random.between(5, 40);
}

/** Streams the model's answer, which ends the turn. */
export function* answer(stage: Stage, durationMs = stage.random.between(3000, 12_000)): Script {
  yield* openStep(stage);
  yield* write(stage, stage.random.pick(answers), durationMs);
  yield* close(stage, 'stop');
}

/** Runs an allowed shell command: its metadata and its child process appear at once. */
export function* runCommand({ session, random }: Stage, command: string, durationMs: number): Script {
  session.callTool('bash');
  yield random.between(300, 900);
  session.runTool({ command, description: `Runs ${command.split(' ')[0]}` });
  yield random.between(5, 20);
  yield* shellOutput(session, command, durationMs);
}

function* shellOutput(session: SimulatedSession, command: string, durationMs: number): Script {
  const { process } = session;
  process.shell = { command, startedAtMs: session.nowMs };
  session.toolOutput('');
  yield Math.ceil(durationMs / 3);
  session.toolOutput('> running\n');
  yield Math.ceil((durationMs * 2) / 3);
  delete process.shell;
  session.endTool('> running\nok\n', command, { output: '> running\nok\n', exit: 0 });
  yield 10;
}

/** Reads, searches or edits a file: a short tool call, without metadata while it runs. */
function* touchFile({ session, job, random }: Stage): Script {
  const tool = random.pick(['read', 'edit', 'grep'] as const);
  const file = random.pick(job.files);
  const path = `${job.directory}/${file}`;
  session.callTool(tool);
  yield random.between(300, 2000);
  if (tool === 'grep') session.runTool({ pattern: 'TODO', path: job.directory });
  else if (tool === 'read') session.runTool({ filePath: path });
  else session.runTool({ filePath: path, oldString: 'before', newString: 'after' });
  yield random.between(20, 300);
  session.endTool(tool === 'edit' ? 'Edit applied successfully.' : 'ok', file);
  yield 10;
}

/** Writes the todo list with a random number of todos done. */
function* plan({ session, random }: Stage): Script {
  const done = random.between(0, 3);
  const contents = ['Read the code', 'Write the change', 'Cover it with specs', 'Update the docs'];
  const todos = contents.map((content, i) => ({
    content,
    status: i < done ? ('completed' as const) : i === done ? ('in_progress' as const) : ('pending' as const),
    priority: i < 2 ? ('high' as const) : ('medium' as const),
  }));
  session.callTool('todowrite');
  yield random.between(400, 1500);
  session.runTool({ todos });
  yield 3;
  session.todos(todos);
  session.endTool(JSON.stringify(todos), `${4 - done} todos`, { todos });
  yield 10;
}

/** One step of ordinary work with one tool call. */
export function* workStep(stage: Stage): Script {
  const { random, job } = stage;
  yield* preamble(stage);
  if (random.chance(40)) yield* runCommand(stage, random.pick(job.commands), random.between(800, 9000));
  else if (random.chance(25)) yield* plan(stage);
  else yield* touchFile(stage);
  yield* close(stage, 'tool-calls');
}

/** A turn of ordinary work. */
export function* plainTurn(stage: Stage, steps: number): Script {
  yield* prompt(stage);
  for (let i = 0; i < steps; i++) yield* workStep(stage);
  yield* answer(stage);
}

/** Waits for otop's user to answer. Returns the reply, or undefined after `waitMs`: the simulated user then agrees. */
function* awaitReply(ask: SimulatedAsk, waitMs: number): Script<Reply | undefined> {
  yield { ask, waitMs };
  return ask.reply;
}

/** Waits until the running tool may go on. Returns false if it was rejected: the step has ended, and so has its turn. */
export function* permission(session: SimulatedSession, ask: SimulatedAsk, waitMs: number): Script<boolean> {
  const reply = yield* awaitReply(ask, waitMs);
  if (reply?.to !== 'permission' || reply.reply !== 'reject') return true;
  session.refuseTool('The user rejected permission to use this specific tool call.');
  return false;
}

/** Runs a shell command that needs a permission. Returns false if it was rejected. */
export function* askPermission(stage: Stage, waitMs: number, command: string): Script<boolean> {
  const { session, random } = stage;
  session.callTool('bash');
  yield random.between(300, 900);
  session.runTool({ command, description: `Runs ${command.split(' ')[0]}` });
  yield random.between(10, 90);
  if (!(yield* permission(session, session.ask('bash', [command]), waitMs))) return false;
  yield* shellOutput(session, command, random.between(3000, 15_000));
  return true;
}

/** Calls the `question` tool. Returns false if the question was dismissed. */
export function* askQuestion({ session, random }: Stage, waitMs: number): Script<boolean> {
  const question = 'Which of the two should I keep?';
  const options = ['the old one', 'the new one', 'both for now'];
  session.callTool('question');
  yield random.between(600, 1500);
  const ask = session.question(question, 'keep', options);
  const reply = yield* awaitReply(ask, waitMs);
  if (reply && 'dismissed' in reply) {
    session.refuseTool('The user dismissed this question');
    return false;
  }
  const given = reply?.to === 'question' ? reply.answers : [[options[1] ?? '']];
  session.answer(ask, given);
  session.endTool(`The user answered: ${given.flat().join(', ')}`, 'Asked 1 question');
  yield 10;
  return true;
}

/** Retries a request for `durationMs`: opencode doubles its delay each time, up to 30 s. */
export function* retry(stage: Stage, durationMs: number): Script {
  const { session, random } = stage;
  session.beginStep();
  let delayMs = 2000;
  for (let leftMs = durationMs; leftMs > 0; delayMs = Math.min(delayMs * 2, 30_000)) {
    yield random.between(200, 600);
    session.failStream('AI_APICallError: Overloaded');
    yield Math.min(delayMs, leftMs);
    session.requestStream();
    leftMs -= delayMs;
  }
  yield random.between(500, 1500);
}

/** Compacts the session: streams a summary for `durationMs`, then continues the turn. */
export function* compact(stage: Stage, durationMs: number): Script {
  const { session } = stage;
  session.requestCompaction();
  yield 40;
  session.beginStep('compaction');
  yield 1500;
  yield* write(stage, 'Summary: what was asked, what is done, what is left.', durationMs);
  session.endStep('stop');
  session.compacted();
  yield 30;
  session.continueAfterCompaction();
  yield 40;
}
