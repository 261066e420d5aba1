// A small MCP server over standard input and output, with one tool that waits for a slow page.
// In plain JavaScript, since opencode starts it with node, which may not read TypeScript.
import { createInterface } from 'node:readline';

const tool = {
  name: 'slow',
  description: 'Waits',
  inputSchema: { type: 'object', properties: { url: { type: 'string' } } },
};

async function reply(request) {
  switch (request.method) {
    case 'initialize':
      return {
        protocolVersion: request.params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'rig', version: '1.0.0' },
      };
    case 'tools/list':
      return { tools: [tool] };
    case 'tools/call':
      await (await fetch(request.params.arguments.url)).text();
      return { content: [{ type: 'text', text: 'waited' }] };
    default:
      return {};
  }
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const request = JSON.parse(line);
  if (request.id === undefined) return;
  const result = await reply(request);
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, result })}\n`);
});
