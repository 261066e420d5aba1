/** The verbs of a prompt's script: each is one answer of the model server. */
const verbs = [
  'say', // a short answer at once
  'wait', // seconds before the first token
  'stream', // text for so many seconds
  'reason', // reasoning for so many seconds
  'args', // a tool call whose arguments take so many seconds
  'run', // an allowed shell command that sleeps for so many seconds
  'ask', // a shell command that needs permission
  'asks', // two of them at once
  'edit', // a file that needs permission
  'question', // the question tool
  'todos', // the todo tool
  'task', // a subagent, whose prompt is the script after the colon
  'limit', // 429 with retry-after of so many seconds, every time
  'fail', // 400, or another status in place of seconds
  'reset', // the connection breaks, every time
  'cut', // text that ends with finish_reason length
  'fetch', // a web page that takes so many seconds
  'mcp', // an MCP tool that takes so many seconds
  'nest', // `opencode run` in the shell tool, with a word of its own, streaming for so many seconds
] as const;

export type Verb = (typeof verbs)[number];

/** One step of a script: the answer to one request. */
export interface Step {
  readonly verb: Verb;
  readonly seconds: number;
  /** The subagent's script, of `task`. */
  readonly inner?: string;
}

/** The instructions of a prompt to the model server. */
export interface Script {
  /** The unique word of this prompt, `kiwi7x3p1`; a subagent's prompt has its parent's word. */
  readonly word: string;
  readonly subagent: boolean;
  readonly steps: readonly Step[];
}

const promptPattern = /\b([a-z]+\d+x\d+p\d+) please \[([^\]]*)\]/g;

/** Returns the word of one prompt, from the seed, the pane and the prompt's number in the pane. */
export function promptWord(name: string, seed: number, pane: number, prompt: number): string {
  return `${name}${seed}x${pane}p${prompt}`;
}

/** Returns a prompt with its word and script: `kiwi7x3p1 please [run:5 say]`. */
export function promptText(word: string, steps: string): string {
  return `${word} please [${steps}]`;
}

/** Returns the word of the prompt that `nest` passes to `opencode run`. */
export function nestedWord(word: string): string {
  return `${word}00`;
}

/** Returns a subagent's prompt, which the server can distinguish from its parent's. */
export function subagentPrompt(word: string, steps: string): string {
  return `subagent of ${promptText(word, steps)}`;
}

function parseStep(text: string): Step {
  const [name = '', ...rest] = text.split(':');
  const verb = verbs.find((known) => known === name);
  if (verb === undefined) throw new Error(`no such step in a script: ${text}`);
  const argument = rest.join(':');
  return verb === 'task'
    ? { verb, seconds: 0, inner: argument || 'say' }
    : { verb, seconds: argument === '' ? 0 : Number(argument) };
}

/** Returns the last script in a text, or undefined if there is none; throws for an unknown verb. */
export function parseScript(text: string): Script | undefined {
  const [whole, word, steps = ''] = [...text.matchAll(promptPattern)].at(-1) ?? [];
  if (whole === undefined || word === undefined) return undefined;
  return {
    word,
    subagent: text.includes(`subagent of ${whole}`),
    steps: steps.split(/\s+/).filter(Boolean).map(parseStep),
  };
}
