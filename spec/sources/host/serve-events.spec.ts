import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTokens } from '../../../lib/sources/host/tokens.ts';
import { text } from '../../support/builders.ts';
import { feedOf, type HostsUnderTest, hostsUnderTest } from '../../support/hosts.ts';
import { type ServeUnderTest, serveUnderTest } from '../../support/serve.ts';
import { eventOf } from '../../support/wait.ts';

let world: HostsUnderTest;
let server: Server | undefined;
let serve: ServeUnderTest | undefined;
beforeEach(() => {
  world = hostsUnderTest();
});
afterEach(async () => {
  world.close();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await serve?.close();
  serve = undefined;
});

async function listen(answer: RequestListener): Promise<number> {
  server = createServer(answer);
  await eventOf(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function follow(port: number, env: Record<string, string> = {}, scheme = 'http'): void {
  const serves = [{ url: `${scheme}://127.0.0.1:${port}`, name: text('box:1') }];
  world.open([], { serves, env });
}

async function why(answer: RequestListener, env: Record<string, string> = {}, scheme = 'http') {
  follow(await listen(answer), env, scheme);
  const [reading] = await world.reading(([first]) => first?.host.link === 'away');
  return reading?.host.why;
}

describe('the otop serve of another machine', () => {
  it('sends its complete Board, and changes', async () => {
    serve = await serveUnderTest();
    follow(serve.port);
    const [first] = await world.reading(([now]) => now?.host.link === 'live');
    expect(first?.rows.length).toBeGreaterThan(5);
    expect(first?.host).toMatchObject({ name: 'box:1', kind: 'otop' });
    serve.show((board) => ({ ...board, rows: board.rows.slice(0, 2) }));
    const [next] = await world.reading(([now]) => now?.rows.length === 2);
    expect(next?.host.link).toBe('live');
  });

  it('receives its own token, in a header', async () => {
    let received: string | undefined;
    const port = await listen(({ headers, url }, response) => {
      received = `${url} ${headers.authorization}`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`retry: 2000\n\nid: 1\nevent: board\ndata: ${feedOf('desk', 1, Date.now())}\n\n`);
    });
    follow(port, { OTOP_TOKEN: 'for-all', OTOP_TOKEN_127_0_0_1: 'for-this-one' });
    await world.reading(([now]) => now?.host.link === 'live');
    expect(received).toBe('/events Bearer for-this-one');
  });

  it('is reported with the reason if it cannot be followed', async () => {
    const json = { 'content-type': 'application/json' };
    expect([
      await why((_request, response) => response.writeHead(401, json).end('{"error":"a token is needed"}')),
      await why((_request, response) => response.writeHead(401, json).end('{}'), { OTOP_TOKEN: 'wrong' }),
      await why((_request, response) => response.writeHead(403, json).end('{"error":"pages may not ask"}')),
      await why((_request, response) => response.writeHead(302, { location: 'https://evil.example/' }).end()),
      await why((_request, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hi'),
      ),
      await why((_request, response) => response.writeHead(404).end('no')),
      await why(({ socket }) => socket.end('SSH-2.0-OpenSSH\r\n')),
      await why(({ socket }) => socket.destroy()),
      await why(() => undefined, {}, 'https'),
      await why((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(`data: {"type":"board","at_ms":1,"schema_version":9}\n\n`);
      }),
    ]).toMatchInlineSnapshot(`
      [
        "it needs a token: set OTOP_TOKEN_127_0_0_1 to the token of that otop serve",
        "it rejects the token",
        "it refuses the request: pages may not ask",
        "it redirects to evil.example, and otop follows no redirect: use the final address",
        "another program answers there, not otop serve",
        "another program answers there, not otop serve",
        "another program answers there, not otop",
        "the connection was cut",
        "it does not speak TLS: try http://",
        "its otop writes version 9 of the JSON lines, this one reads version 1: update the older one",
      ]
    `);
  });
});

describe('the tokens', () => {
  it('are found by port, by host, in the file, then for all machines', () => {
    const env = { OTOP_TOKEN_BOX_81: 'port', OTOP_TOKEN_BOX: 'host', OTOP_TOKEN: 'all' };
    const { tokenFor } = readTokens(env, undefined);
    expect(['http://box:81', 'http://box:82', 'http://other'].map(tokenFor)).toEqual(['port', 'host', 'all']);
  });

  it('come only from a file that no other user can read', () => {
    const path = world.file('tokens', '# mine\nhttp://box:81/ s3cret\n');
    const env = { OTOP_TOKENS: path };
    expect(readTokens(env, process.getuid?.()).trouble).toContain('chmod 600');
  });
});
