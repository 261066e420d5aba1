import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from './activity.ts';
import type { Completion, Usage } from './completion.ts';
import { nestedWord, promptText, type Step, subagentPrompt } from './script.ts';

/** The context of an answer. */
export interface Context {
  readonly word: string;
  readonly activity: Activity;
  readonly usage: Usage;
  /** The server's own URL, for slow pages. */
  readonly url: string;
  /** Aborts when opencode hangs up. */
  readonly signal: AbortSignal;
}

/** A tool call the model makes: its name and arguments. */
interface Call {
  readonly name: string;
  readonly input: object;
}

function bash(command: string, description: string): Call {
  return { name: 'bash', input: { command, description } };
}

/** Returns the tool calls of a step; empty if the step is only text. */
function callsOf(step: Step, { word, url }: Context): readonly Call[] {
  switch (step.verb) {
    case 'run':
    case 'args':
      return [bash(`sleep ${step.seconds || 1}`, `Sleeps for ${word}`)];
    case 'ask':
      return [bash(`echo ask ${word}`, 'Asks first')];
    case 'asks':
      return [bash(`echo ask one ${word}`, 'Asks first'), bash(`echo ask two ${word}`, 'Asks as well')];
    case 'edit':
      return [{ name: 'write', input: { filePath: `${word}.txt`, content: `for ${word}\n` } }];
    case 'question':
      return [{ name: 'question', input: { questions: [whichOne(word)] } }];
    case 'todos':
      return [{ name: 'todowrite', input: { todos: todosOf(word) } }];
    case 'task':
      return [{ name: 'task', input: taskOf(word, step.inner ?? 'say') }];
    case 'fetch': {
      const page = `${url}/slow?seconds=${step.seconds}&word=${word}`;
      return [{ name: 'webfetch', input: { url: page, format: 'text', timeout: 100 } }];
    }
    case 'mcp':
      return [{ name: 'rig_slow', input: { url: `${url}/slow?seconds=${step.seconds}&word=${word}` } }];
    case 'nest': {
      const prompt = promptText(nestedWord(word), `stream:${step.seconds}`);
      return [bash(`opencode run '${prompt}'`, 'Runs opencode in opencode')];
    }
    default:
      return [];
  }
}

function whichOne(word: string): object {
  const options = [
    { label: 'Postgres', description: 'the old one' },
    { label: 'SQLite', description: 'the small one' },
  ];
  return { question: `Which database for ${word}?`, header: 'Database', options };
}

function todosOf(word: string): readonly object[] {
  return ['completed', 'in_progress', 'pending'].map((status, index) => ({
    id: `${index + 1}`,
    content: `Part ${index + 1} of ${word}`,
    status,
    priority: 'high',
  }));
}

function taskOf(word: string, steps: string): object {
  return {
    description: `helper ${word}`,
    prompt: subagentPrompt(word, steps.replaceAll('+', ' ')),
    subagent_type: 'general',
  };
}

/** Waits for `seconds` or until the rig releases the word; throws an AbortError on a hang-up. */
export async function linger(
  seconds: number,
  activity: Activity,
  signal: AbortSignal,
  tick: (count: number) => void = () => undefined,
): Promise<void> {
  for (let count = 0; count < seconds * 5 && !activity.released; count += 1) {
    tick(count);
    await sleep(200, undefined, { signal });
  }
}

async function sendCalls(
  calls: readonly Call[],
  step: Step,
  context: Context,
  completion: Completion,
): Promise<void> {
  context.activity.phase = 'arguments';
  for (const [index, call] of calls.entries()) {
    completion.toolName(index, call.name);
    if (step.verb === 'args') await linger(step.seconds, context.activity, context.signal);
    completion.toolArguments(index, JSON.stringify(call.input));
  }
}

/** Answers a request by its step and updates `activity`. Throws an AbortError on a hang-up. */
export async function answer(step: Step, context: Context, start: () => Completion): Promise<void> {
  const { activity, signal, word } = context;
  if (step.verb === 'wait') await linger(step.seconds, activity, signal);
  const completion = start();
  if (step.verb === 'reason') {
    activity.phase = 'reasoning';
    await linger(step.seconds, activity, signal, (count) => completion.reasoning(`pondering ${count} `));
  }
  const calls = callsOf(step, context);
  if (calls.length > 0) {
    await sendCalls(calls, step, context, completion);
    activity.outcome = 'tool';
    return completion.end('tool_calls', context.usage);
  }
  activity.phase = 'text';
  if (step.verb === 'stream') {
    await linger(step.seconds, activity, signal, (count) => completion.text(`word ${count} of ${word}. `));
  }
  // Starts a new line, so that a narrow pane does not wrap the text.
  completion.text(`\n\nAll done for ${word}.`);
  activity.outcome = step.verb === 'cut' ? 'length' : 'stop';
  completion.end(step.verb === 'cut' ? 'length' : 'stop', context.usage);
}
