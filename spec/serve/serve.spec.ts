import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/system/clock.ts';
import { textOf } from '../support/documents.ts';
import { type ServeUnderTest, serveUnderTest, token } from '../support/serve.ts';
import { within } from '../support/wait.ts';

let serve: ServeUnderTest;
beforeAll(async () => {
  serve = await serveUnderTest();
});
afterAll(async () => {
  await serve.close();
  expect(serve.bugs).toEqual([]);
});

const bearer = { authorization: `Bearer ${token}` };
const json = { 'content-type': 'application/json' };

/** Sends a text unchanged and resolves with everything that the server sends back. */
function raw(text: string): Promise<string> {
  let received = '';
  const whole = new Promise<string>((resolve, reject) => {
    const socket = connect(serve.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (piece) => {
      received += piece;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
  return within('the end of the connection', whole, () => received);
}

describe('the responses of otop serve', () => {
  it('list the same routes as text, as an OpenAPI document and in docs/http.md', async () => {
    const index = await serve.get('/');
    const document = JSON.parse((await serve.get('/openapi.json')).text);
    expect(document.openapi).toBe('3.1.0');
    for (const path of Object.keys(document.paths)) expect(index.text).toContain(path);
    expect(Object.keys(document.paths).sort()).toMatchInlineSnapshot(`
      [
        "/",
        "/events",
        "/health",
        "/metrics",
        "/openapi.json",
        "/sessions",
        "/sessions/{id}/fork",
        "/status",
      ]
    `);
    const listed = [...textOf('docs/http.md').matchAll(/^\| `(?:GET|POST) (\S+)` \|/gm)].map(
      ([, path]) => path,
    );
    expect(listed.sort()).toEqual(Object.keys(document.paths).sort());
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name ?? '');
  });

  it('include ok for /health, with no-store and without CORS headers', async () => {
    const { status, text, headers } = await serve.get('/health');
    expect({ status, text }).toEqual({ status: 200, text: 'ok' });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('give sessions the keys of the Go otop', async () => {
    const { text, headers } = await serve.get('/sessions');
    const document = JSON.parse(text);
    expect(headers['content-type']).toBe('application/json');
    expect(Object.keys(document)).toEqual(
      expect.arrayContaining(['timestamp', 'sessions', 'today', 'global', 'schema_version']),
    );
    const goKeys =
      'session_id title status model last_output directory message_count total_input_tokens total_output_tokens ' +
      'total_cache_read last_message_time uptime_ms round_ms cpu_percent mem_mb pid tty interactive todos';
    for (const session of document.sessions)
      expect(Object.keys(session)).toEqual(expect.arrayContaining(goKeys.split(' ')));
    expect(document.sessions.length).toBeGreaterThan(5);
    expect(document.processes.every((each: { session: unknown }) => each.session === null)).toBe(true);
    const withTodos = document.sessions.find(
      (each: { todo_count: { total: number } | null }) => each.todo_count?.total,
    );
    expect(withTodos.todos).toHaveLength(withTodos.todo_count.total);
    expect(withTodos.todos[0]).toEqual({
      content: expect.any(String),
      status: expect.any(String),
      priority: expect.any(String),
    });
  });

  it('have exactly the keys of /sessions that the OpenAPI document describes', async () => {
    const [document, sessions] = await Promise.all([serve.get('/openapi.json'), serve.get('/sessions')]);
    const schema = JSON.parse(document.text).paths['/sessions'].get.responses[200].content['application/json']
      .schema;
    const body = JSON.parse(sessions.text);
    expect(Object.keys(body).sort()).toEqual(Object.keys(schema.properties).sort());
    for (const session of body.sessions) {
      expect(Object.keys(session).sort()).toEqual(
        Object.keys(schema.properties.sessions.items.properties).sort(),
      );
    }
    expect(Object.keys(body.today)).toEqual(Object.keys(schema.properties.today.properties));
  });

  it('give the status line in every format, and refuse an unknown format', async () => {
    const { sessions, processes } = JSON.parse((await serve.get('/sessions')).text);
    const plain = await serve.get('/status');
    const counted = [...plain.text.matchAll(/\d+/g)].reduce((sum, [digits]) => sum + Number(digits), 0);
    expect(counted).toBe(sessions.length + processes.length);
    expect((await serve.get('/status?format=tmux&ascii=1')).text).toMatch(
      /^(#\[[a-z0-9=,]+\]|[\x20-\x7e])+\n$/,
    );
    const unknown = await serve.get('/status?format=beauty');
    expect(unknown.status).toBe(400);
    expect(unknown.text).toContain('swiftbar');
  });

  it.each([
    ['GET', '/nowhere', {}, 404],
    ['GET', '/sessions/', {}, 404],
    ['GET', '/sessions/ses_x/fork', {}, 405],
    ['DELETE', '/sessions', bearer, 405],
    ['POST', '/sessions', bearer, 405],
    ['GET', '/metrics', { accept: 'text/html' }, 406],
    ['GET', '/events', { accept: 'application/json' }, 406],
    ['GET', '/metrics', { accept: 'application/openmetrics-text;q=0.5, */*;q=0.1' }, 200],
    ['HEAD', '/sessions', {}, 200],
    ['HEAD', '/events', {}, 200],
  ])('for %s %s with %j have the status %s', async (method, path, headers, expected) => {
    const { status, text } = await serve.request({ method, path, headers });
    expect(status).toBe(expected);
    if (method === 'HEAD') expect(text).toBe('');
    else if (expected >= 400) expect(JSON.parse(text).error).toMatch(/\w/);
  });

  it('name the allowed methods if a method is not allowed', async () => {
    expect((await serve.request({ method: 'PUT', path: '/health', headers: bearer })).headers.allow).toBe(
      'GET, HEAD',
    );
  });

  it.each([
    ['no version', 'GET\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['an empty Host', 'GET / HTTP/1.1\r\nhost: \r\nconnection: close\r\n\r\n'],
    ['20 KB of headers', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('refuse a request with %s', async (_name, text) => {
    expect(await raw(text)).toMatch(/^HTTP\/1\.1 4(00|03|31) /);
    expect((await serve.get('/health')).status).toBe(200);
  });
});

describe('the guard of otop serve', () => {
  it.each(['localhost', '127.0.0.1:8384', '[::1]:8384', 'LOCALHOST:1'])(
    'allows the Host %s',
    async (host) => {
      expect((await serve.get('/sessions', { host })).status).toBe(200);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.7', 'localhost@evil'])(
    'refuses the Host %j, which DNS rebinding would send',
    async (host) => {
      const { status, text } = await serve.get('/sessions', { host });
      expect(status).toBe(403);
      expect(text).not.toContain('session_id');
    },
  );

  it.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:8384' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('refuses a page in a browser: %j', async (headers) => {
    const { status, headers: received } = await serve.get('/sessions', headers as Record<string, string>);
    expect(status).toBe(403);
    expect(received).not.toHaveProperty('access-control-allow-origin');
  });

  it.each([
    ['no token', {}, 401],
    ['a wrong one', { authorization: 'Bearer wrong' }, 401],
    ['another scheme', { authorization: `Basic ${token}` }, 401],
    ['a longer one', { authorization: `Bearer ${token}x` }, 401],
    ['a very long one', { authorization: `Bearer ${'x'.repeat(8000)}` }, 401],
    ['the token', { authorization: `Bearer ${token}` }, 404],
    ['the token from a page', { authorization: `Bearer ${token}`, origin: 'http://evil.example' }, 403],
  ])('checks the token of a POST: %s', async (_name, headers, expected) => {
    const { status } = await serve.request({
      method: 'POST',
      path: '/sessions/ses_nobody/fork',
      headers: { ...json, ...headers },
      body: '{"prompt":"go on"}',
    });
    expect(status).toBe(expected);
  });

  it('requires the token for every request if other machines can reach it, and allows its own names', async () => {
    const open = await serveUnderTest({ bind: '0.0.0.0', allowedHosts: ['Otop.Example'] });
    try {
      expect((await open.get('/health')).status).toBe(401);
      expect((await open.get('/health', bearer)).status).toBe(200);
      expect((await open.get('/health', { ...bearer, host: 'otop.example' })).status).toBe(200);
      expect((await open.get('/health', { ...bearer, host: '192.168.1.7:8384' })).status).toBe(200);
      expect((await open.get('/health', { ...bearer, host: 'evil.example' })).status).toBe(403);
    } finally {
      await open.close();
    }
  });

  it('allows only reading without a token, and says how to make one', async () => {
    const open = await serveUnderTest({ token: undefined });
    try {
      expect((await open.get('/sessions')).status).toBe(200);
      const post = await open.request({
        method: 'POST',
        path: '/sessions/x/fork',
        headers: json,
        body: '{}',
      });
      expect(post.status).toBe(403);
      expect(post.text).toContain('--make-token');
    } finally {
      await open.close();
    }
  });
});

describe('an otop serve with --read-only', () => {
  it('refuses a fork even with the token', async () => {
    const open = await serveUnderTest({ readOnly: true });
    try {
      const post = await open.request({
        method: 'POST',
        path: '/sessions/x/fork',
        headers: { ...bearer, ...json },
        body: '{"prompt":"x"}',
      });
      expect(post.status).toBe(403);
      expect(post.text).toContain('--read-only');
    } finally {
      await open.close();
    }
  });
});

describe('the body of a POST', () => {
  const fork = (body: string | Buffer, headers: Record<string, string> = json) =>
    serve.request({
      method: 'POST',
      path: '/sessions/ses_nobody/fork',
      headers: { ...bearer, ...headers },
      body,
    });

  it.each([
    ['{"prompt"', 400],
    ['[]', 400],
    ['null', 400],
    ['"text"', 400],
    ['', 400],
  ])('must be a JSON object, unlike %j', async (body, expected) => {
    expect((await fork(body)).status).toBe(expected);
  });

  it('must have the media type of JSON, which a form of a page cannot send', async () => {
    expect((await fork('{}', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('cannot name a session that does not exist, or a path', async () => {
    for (const id of ['ses_nobody', '..%2f..%2fetc', '%00', '%', '--help'])
      expect(
        (
          await serve.request({
            method: 'POST',
            path: `/sessions/${id}/fork`,
            headers: { ...bearer, ...json },
            body: '{"prompt":"x"}',
          })
        ).status,
      ).toBe(404);
  });

  it('cannot fork a simulated session', async () => {
    const [session] = JSON.parse((await serve.get('/sessions')).text).sessions;
    const { status } = await serve.request({
      method: 'POST',
      path: `/sessions/${session.session_id}/fork`,
      headers: { ...bearer, ...json },
      body: '{"prompt":"x"}',
    });
    expect(status).toBe(409);
  });

  it('may have 100 MB without filling the memory, with and without a Content-Length', async () => {
    const piece = Buffer.alloc(1024 * 1024, 0x20);
    expect((await fork(Buffer.alloc(100_000))).status).toBe(413);
    const before = process.memoryUsage().rss;
    const send = (head: string, wrap: (part: Buffer) => Buffer) =>
      new Promise<string>((resolve) => {
        let received = '';
        let sent = 0;
        const socket = connect(serve.port, '127.0.0.1', () => {
          socket.write(
            `POST /sessions/x/fork HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n` +
              `content-type: application/json\r\n${head}\r\n\r\n`,
          );
          const more = () => {
            while (sent++ < 100) if (!socket.write(wrap(piece))) return void socket.once('drain', more);
            socket.end();
          };
          more();
        });
        socket.on('data', (text) => {
          received += text;
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(received));
      });
    const announced = await send(`content-length: ${100 * piece.length}`, (part) => part);
    const chunk = Buffer.concat([
      Buffer.from(`${piece.length.toString(16)}\r\n`),
      piece,
      Buffer.from('\r\n'),
    ]);
    const streamed = await send('transfer-encoding: chunked', () => chunk);
    expect([announced.slice(0, 12), streamed.slice(0, 12)]).toEqual(['HTTP/1.1 413', 'HTTP/1.1 413']);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(60);
    expect((await serve.get('/health')).status).toBe(200);
  });
});

describe('the rate limit of otop serve', () => {
  it('responds 429 to a client after its burst', async () => {
    // Time stands still, else a slow machine earns new requests while it sends them.
    const open = await serveUnderTest({ clock: { ...systemClock, monotonicMs: () => 0 } });
    try {
      const statuses = await Promise.all(
        Array.from({ length: 400 }, () => open.get('/health').then(({ status }) => status)),
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(300);
      expect(statuses.filter((status) => status === 429)).toHaveLength(100);
    } finally {
      await open.close();
    }
  });
});
