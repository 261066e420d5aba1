import type { ServerResponse } from 'node:http';

/** Tokens as OpenAI's API counts them: `prompt` includes `cached`. */
export interface Usage {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
}

/** A chat completion as a stream of server-sent events, in OpenAI's format. */
export interface Completion {
  text(words: string): void;
  reasoning(words: string): void;
  /** Opens the tool call with this index; its arguments follow. */
  toolName(index: number, name: string): void;
  toolArguments(index: number, json: string): void;
  end(reason: 'stop' | 'tool_calls' | 'length', usage: Usage): void;
}

let callCount = 0;

/** Sends the headers and starts the response stream, as a real provider does. */
export function startCompletion(response: ServerResponse, model: string): Completion {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (rest: object): void => {
    const frame = { id: 'chatcmpl-rig', object: 'chat.completion.chunk', created: 1, model, ...rest };
    response.write(`data: ${JSON.stringify(frame)}\n\n`);
  };
  const delta = (value: object, reason: string | null = null): void =>
    send({ choices: [{ index: 0, delta: { role: 'assistant', ...value }, finish_reason: reason }] });
  return {
    text: (content) => delta({ content }),
    reasoning: (words) => delta({ reasoning_content: words }),
    toolName(index, name) {
      callCount += 1;
      const call = { index, id: `call_rig${callCount}`, type: 'function' };
      delta({ tool_calls: [{ ...call, function: { name, arguments: '' } }] });
    },
    toolArguments: (index, json) => delta({ tool_calls: [{ index, function: { arguments: json } }] }),
    end(reason, usage) {
      delta({}, reason);
      send({
        choices: [],
        usage: {
          prompt_tokens: usage.prompt,
          completion_tokens: usage.completion,
          total_tokens: usage.prompt + usage.completion,
          prompt_tokens_details: { cached_tokens: usage.cached },
        },
      });
      response.end('data: [DONE]\n\n');
    },
  };
}
