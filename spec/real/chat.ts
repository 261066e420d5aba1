import type { Usage } from './completion.ts';
import { parseScript, type Step } from './script.ts';

interface ChatMessage {
  readonly role: string;
  readonly content?: string | null | readonly { readonly type: string; readonly text?: string }[];
}

/** The part of an OpenAI chat completion request that the server reads. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly unknown[];
}

function textOf({ content }: ChatMessage): string {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  return content.map((part) => part.text ?? '').join('\n');
}

/** Returns the kind of opencode's agent that sent a request, from its system prompt. */
export function purposeOf(request: ChatRequest): 'title' | 'compaction' | 'turn' {
  if ((request.tools ?? []).length > 0) return 'turn';
  const system = request.messages.filter((message) => message.role === 'system').map(textOf);
  if (system.some((text) => /title generator/i.test(text))) return 'title';
  return system.some((text) => /summari[sz]|compact/i.test(text)) ? 'compaction' : 'turn';
}

/** The current step of a request: in the newest prompt's script, at the index of its answers so far. */
interface Current {
  readonly word: string;
  readonly subagent: boolean;
  readonly step: Step;
  readonly index: number;
}

/** Returns the current step of a request, or undefined if no prompt has a script. */
export function currentStep(request: ChatRequest): Current | undefined {
  let index = 0;
  for (const message of [...request.messages].reverse()) {
    if (message.role === 'assistant') index += 1;
    const script = message.role === 'user' ? parseScript(textOf(message)) : undefined;
    if (script === undefined) continue;
    const step = script.steps[index] ?? { verb: 'say', seconds: 0 };
    return { word: script.word, subagent: script.subagent, step, index };
  }
  return undefined;
}

/** Returns token counts that are different for each prompt, so that sessions cannot be confused. */
export function usageOf(word: string, index: number): Usage {
  let sum = 0;
  for (const letter of word) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return { prompt: 2000 + sum + index * 100, cached: 1000 + (sum % 700), completion: 50 + (sum % 90) };
}

/** Returns a title for a word: plain, long, or with several writing systems. */
export function titleOf(word: string): string {
  const pane = Number(/x(\d+)p/.exec(word)?.[1] ?? 0);
  if (pane % 3 === 1) return `Repair ${word} and then make all of the tests pass again`;
  if (pane % 3 === 2) return `修理 ${word} 🚀 später`;
  return `Title of ${word}`;
}
