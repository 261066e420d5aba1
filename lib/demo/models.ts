import type { TokenCount } from '../domain/session/session.ts';

/** A model of the simulated fleet, with the fields of opencode's models cache. */
export interface DemoModel {
  readonly providerID: string;
  readonly modelID: string;
  readonly contextTokens: number;
  readonly outputTokens: number;
  /** US dollars per million tokens; absent for a local model. */
  readonly price?: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  };
}

export const opus: DemoModel = {
  providerID: 'anthropic',
  modelID: 'claude-opus-4-6',
  contextTokens: 200_000,
  outputTokens: 64_000,
  price: { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 },
};

export const sonnet: DemoModel = {
  providerID: 'anthropic',
  modelID: 'claude-sonnet-4-6',
  contextTokens: 200_000,
  outputTokens: 64_000,
  price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
};

export const gpt: DemoModel = {
  providerID: 'openai',
  modelID: 'gpt-5.2',
  contextTokens: 400_000,
  outputTokens: 128_000,
  price: { input: 1.75, output: 14, cacheRead: 0.175, cacheWrite: 0 },
};

export const gemini: DemoModel = {
  providerID: 'google',
  modelID: 'gemini-3-pro',
  contextTokens: 1_000_000,
  outputTokens: 64_000,
  price: { input: 2, output: 12, cacheRead: 0.2, cacheWrite: 0 },
};

/** A local model: it has no price, and its limit is in the configuration. */
export const local: DemoModel = {
  providerID: 'ollama',
  modelID: 'qwen3-coder:30b',
  contextTokens: 65_536,
  outputTokens: 8192,
};

/** Returns the cost of one step in US dollars; 0 without a price, as opencode writes it. */
export function stepCost(model: DemoModel, tokens: TokenCount): number {
  if (model.price === undefined) return 0;
  const { input, output, cacheRead, cacheWrite } = model.price;
  const millionths =
    tokens.input * input +
    (tokens.output + tokens.reasoning) * output +
    tokens.cacheRead * cacheRead +
    tokens.cacheWrite * cacheWrite;
  return millionths / 1_000_000;
}

/** Returns the models cache as opencode writes it: models.dev's api.json (opencode.md, "Models cache"). */
export function modelsCache(): string {
  const providers: Record<string, { id: string; name: string; models: Record<string, unknown> }> = {};
  for (const { providerID, modelID, contextTokens, outputTokens, price } of [opus, sonnet, gpt, gemini]) {
    providers[providerID] ??= { id: providerID, name: providerID, models: {} };
    providers[providerID].models[modelID] = {
      id: modelID,
      name: modelID,
      limit: { context: contextTokens, output: outputTokens },
      cost: price && {
        input: price.input,
        output: price.output,
        cache_read: price.cacheRead,
        cache_write: price.cacheWrite,
      },
    };
  }
  return JSON.stringify(providers);
}

/** Returns a global opencode.json with the local model and two MCP servers. */
export function opencodeConfig(): string {
  const { providerID, modelID, contextTokens, outputTokens } = local;
  const config = {
    $schema: 'https://opencode.ai/config.json',
    model: `${opus.providerID}/${opus.modelID}`,
    provider: {
      [providerID]: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Ollama',
        models: { [modelID]: { limit: { context: contextTokens, output: outputTokens } } },
      },
    },
    mcp: {
      postgres: { type: 'local', command: ['npx', '-y', 'postgres-mcp'], enabled: true },
      sentry: { type: 'remote', url: 'https://mcp.sentry.dev/mcp', enabled: false },
    },
    permission: { bash: { '*': 'allow', 'npm publish*': 'ask', 'git push*': 'ask' } },
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
