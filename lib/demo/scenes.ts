import { answers, type Job, notes, thoughts } from './cast.ts';
import type { Random } from './random.ts';
import type { Finish, SimulatedSession } from './simulated-session.ts';

/**
 * A script: what happens to one session, in simulated time. It yields the milliseconds to wait until it goes on, so
 * what it does depends on the seed alone, never on how often somebody looks.
 */
export type Script = Generator<number, void, void>;

/** A session's part in the play, and the chance that decides its details. */
export interface Stage {
  session: SimulatedSession;
  readonly job: Job;
  readonly random: Random;
}

/** A person types; the loop opens its first step some milliseconds later. */
export function* prompt({ session, job, random }: Stage): Script {
  session.prompt(random.pick(job.prompts));
  yield random.between(20, 80);
}

/** Asks the model and waits for its first token. */
export function* openStep({ session, random }: Stage): Script {
  session.beginStep();
  yield random.between(500, 2500);
}

/** Reasoning comes in for `lastsMs`. */
export function* think({ session, random }: Stage, lastsMs: number): Script {
  session.startText('reasoning');
  yield lastsMs;
  session.endText(random.pick(thoughts));
  yield random.between(5, 40);
}

/** Text comes in for `lastsMs`. */
export function* write({ session }: Stage, text: string, lastsMs: number): Script {
  session.startText('text');
  yield lastsMs;
  session.endText(text);
  yield 10;
}

/** A step's beginning: what most of them do before they call a tool. */
export function* preamble(stage: Stage): Script {
  const { random } = stage;
  yield* openStep(stage);
  if (random.chance(60)) yield* think(stage, random.between(1200, 6000));
  if (random.chance(60)) yield* write(stage, random.pick(notes), random.between(800, 3000));
}

/** Ends a step; the next one follows within milliseconds. */
export function* close({ session, random }: Stage, finish: Finish): Script {
  session.endStep(finish);
  yield random.between(5, 40);
}

/** The model's answer, which ends a turn. */
export function* answer(stage: Stage, lastsMs = stage.random.between(3000, 12_000)): Script {
  yield* openStep(stage);
  yield* write(stage, stage.random.pick(answers), lastsMs);
  yield* close(stage, 'stop');
}

/** Runs a shell command that is allowed: its metadata and its child process appear at once. */
export function* runCommand({ session, random }: Stage, command: string, lastsMs: number): Script {
  session.callTool('bash');
  yield random.between(300, 900);
  session.runTool({ command, description: `Runs ${command.split(' ')[0]}` });
  yield random.between(5, 20);
  yield* shellOutput(session, command, lastsMs);
}

function* shellOutput(session: SimulatedSession, command: string, lastsMs: number): Script {
  const { process } = session;
  process.shell = { command, startedAtMs: session.nowMs };
  session.toolOutput('');
  yield Math.ceil(lastsMs / 3);
  session.toolOutput('> running\n');
  yield Math.ceil((lastsMs * 2) / 3);
  delete process.shell;
  session.endTool('> running\nok\n', command, { output: '> running\nok\n', exit: 0 });
  yield 10;
}

/** Reads, searches or edits a file: short, without metadata while it runs. */
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

/** Plans the work, or ticks off what is done. */
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

/** One step of ordinary work: a tool and a new request. */
export function* workStep(stage: Stage): Script {
  const { random, job } = stage;
  yield* preamble(stage);
  if (random.chance(40)) yield* runCommand(stage, random.pick(job.commands), random.between(800, 9000));
  else if (random.chance(25)) yield* plan(stage);
  else yield* touchFile(stage);
  yield* close(stage, 'tool-calls');
}

/** A turn without incident. */
export function* plainTurn(stage: Stage, steps: number): Script {
  yield* prompt(stage);
  for (let i = 0; i < steps; i++) yield* workStep(stage);
  yield* answer(stage);
}

/** A shell command that needs a permission, given after `waitMs`. */
export function* askPermission(stage: Stage, waitMs: number, command: string): Script {
  const { session, random } = stage;
  session.callTool('bash');
  yield random.between(300, 900);
  session.runTool({ command, description: `Runs ${command.split(' ')[0]}` });
  yield random.between(10, 90);
  session.ask('bash', [command]);
  yield waitMs;
  yield* shellOutput(session, command, random.between(3000, 15_000));
}

/** The `question` tool, answered after `waitMs`. */
export function* askQuestion({ session, random }: Stage, waitMs: number): Script {
  const question = 'Which of the two should I keep?';
  const options = ['the old one', 'the new one', 'both for now'];
  session.callTool('question');
  yield random.between(600, 1500);
  const asked = {
    question,
    header: 'keep',
    options: options.map((label) => ({ label, description: label })),
  };
  const request = session.question({ questions: [asked] });
  yield waitMs;
  session.answer(request, options[1] ?? '');
  session.endTool('The user answered: the new one', 'Asked 1 question');
  yield 10;
}

/** The model's server says "later" again and again for `lastsMs`: opencode waits longer each time, up to 30 s. */
export function* retry(stage: Stage, lastsMs: number): Script {
  const { session, random } = stage;
  session.beginStep();
  let delayMs = 2000;
  for (let leftMs = lastsMs; leftMs > 0; delayMs = Math.min(delayMs * 2, 30_000)) {
    yield random.between(200, 600);
    session.failStream('AI_APICallError: Overloaded');
    yield Math.min(delayMs, leftMs);
    session.requestStream();
    leftMs -= delayMs;
  }
  yield random.between(500, 1500);
}

/** The window is nearly full: a summary is written for `lastsMs`, and the turn goes on from it. */
export function* compact(stage: Stage, lastsMs: number): Script {
  const { session } = stage;
  session.requestCompaction();
  yield 40;
  session.beginStep('compaction');
  yield 1500;
  yield* write(stage, 'Summary: what was asked, what is done, what is left.', lastsMs);
  session.endStep('stop');
  session.compacted();
  yield 30;
  session.continueAfterCompaction();
  yield 40;
}
