import { describe, expect, it } from 'vitest';
import {
  conversationFacts,
  type NewestMessages,
  type ReadableAssistant,
} from '../../../lib/domain/session/conversation-facts.ts';
import type { UserMessage } from '../../../lib/domain/session/session.ts';
import { sanitize } from '../../../lib/text/sanitize.ts';

const asked: string[] = [];

/** An assistant message that records which of its methods are called. */
function assistant(id: string, { line, tokens }: { line?: string; tokens?: number } = {}): ReadableAssistant {
  const note = (what: string) => asked.push(`${id} ${what}`);
  return {
    id,
    message: () => {
      note('message');
      return { id, isSummary: false, parts: [] };
    },
    lastLine: () => {
      note('line');
      return line === undefined ? undefined : sanitize(line);
    },
    context: () =>
      tokens === undefined
        ? undefined
        : { messageId: id, tokens, model: { providerId: sanitize('anthropic'), modelId: sanitize(id) } },
  };
}

function user(id: string, kind: UserMessage['kind'] = 'prompt'): UserMessage {
  return { id, kind };
}

function read(messages: Partial<NewestMessages>) {
  asked.length = 0;
  return conversationFacts({ users: [], assistants: [], timesMs: [], ...messages });
}

describe('the facts of a conversation', () => {
  it('are empty without a message', () => {
    expect(read({}).facts).toEqual({});
  });

  it('name the newest user message and the last prompt, and read no further', () => {
    function* users() {
      yield user('c', 'synthetic');
      yield user('b');
      throw new Error('an older message was read');
    }
    expect(read({ users: users() }).facts).toEqual({
      newestUser: user('c', 'synthetic'),
      lastPrompt: user('b'),
    });
  });

  it('hold the last output and the context of the newest message that has each', () => {
    const assistants = [assistant('c'), assistant('b', { line: 'done' }), assistant('a', { tokens: 7 })];
    const { facts, output, context } = read({ assistants });
    expect(facts).toEqual({
      newestAssistant: { id: 'c', isSummary: false, parts: [] },
      lastOutput: 'done',
      contextTokens: 7,
      contextModel: { providerId: 'anthropic', modelId: 'a' },
    });
    expect([output?.messageId, context?.messageId]).toEqual(['b', 'a']);
    expect(asked).toEqual(['c line', 'b line', 'c message']);
  });

  it('come from older messages only if no newest message has a context', () => {
    const earlierContext = () => ({ messageId: 'old', tokens: 3, model: undefined });
    expect(read({ assistants: [assistant('b')], earlierContext }).facts.contextTokens).toBe(3);
    expect(read({ assistants: [assistant('b', { tokens: 9 })], earlierContext }).facts.contextTokens).toBe(9);
  });

  it('hold the time of the last activity', () => {
    expect(read({ timesMs: [undefined, 5, 9, undefined] }).facts).toEqual({ activeAtMs: 9 });
  });
});
