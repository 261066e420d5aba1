import { join } from 'node:path';

/** Returns opencode 1's configuration: the rig's server as the only provider, and rules that make some tools ask. */
export function configuration(serverUrl: string): object {
  const mcpPath = join(import.meta.dirname, 'mcp-server.mjs');
  const model = {
    name: 'Fake One',
    tool_call: true,
    reasoning: true,
    limit: { context: 100_000, output: 8_000 },
    cost: { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
  };
  return {
    $schema: 'https://opencode.ai/config.json',
    autoupdate: false,
    share: 'disabled',
    model: 'fake/fake-1',
    small_model: 'fake/fake-1',
    provider: {
      fake: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Fake',
        options: { baseURL: `${serverUrl}/v1`, apiKey: 'none' },
        models: { 'fake-1': model },
      },
    },
    permission: { bash: { '*': 'allow', 'echo ask*': 'ask' }, edit: 'ask', webfetch: 'allow' },
    mcp: { rig: { type: 'local', command: [process.execPath, mcpPath], enabled: true } },
  };
}

/** Returns the same for the preview of opencode 2, which may use the rig's provider only (opencode-2.md, "Run the preview offline"). */
export function previewConfiguration(serverUrl: string): object {
  const model = {
    name: 'Fake One',
    capabilities: { tools: true, input: ['text'], output: ['text'] },
    limit: { context: 100_000, output: 8_000 },
    cost: { input: 3, output: 15, cache: { read: 0.3, write: 3.75 } },
  };
  const api = {
    type: 'aisdk',
    package: '@ai-sdk/openai-compatible',
    url: `${serverUrl}/v1`,
    settings: { apiKey: 'none' },
  };
  return {
    autoupdate: false,
    share: 'disabled',
    model: 'fake/fake-1',
    permissions: [
      { action: 'bash', resource: '*', effect: 'allow' },
      { action: 'bash', resource: 'echo ask*', effect: 'ask' },
    ],
    experimental: {
      policies: [
        { effect: 'deny', action: 'provider.use', resource: '*' },
        { effect: 'allow', action: 'provider.use', resource: 'fake' },
      ],
    },
    providers: { fake: { name: 'Fake', api, models: { 'fake-1': model } } },
  };
}
