import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpencodeDatabase } from '../support/opencode-database.ts';
import { emptyWorld, otopPath, runOtop } from '../support/program.ts';
import { requestOnce } from '../support/serve.ts';
import { eventOf, until, within } from '../support/wait.ts';

let home: string;
let children: ChildProcess[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'otop-serve-program-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const ours = () => ({ HOME: home, TMPDIR: home });
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runOtop(args, { ...ours(), ...env });

/** Starts `otop serve` and waits until it listens. */
async function serve(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [otopPath, 'serve', '-p', '0', ...args], {
    env: { ...emptyWorld(), ...ours(), ...env },
  });
  children.push(child);
  let err = '';
  const listens = new Promise<string>((listening, failed) => {
    child.stderr.on('data', (text) => {
      err += text;
    });
    child.stdout.once('data', (text) => listening(String(text)));
    child.once('exit', () => failed(new Error(err)));
  });
  const line = await within('an address of serve', listens, () => err);
  child.stdout.destroy();
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const ended = () => within('the end of serve', exited, () => err);
  return { child, line, port: Number(/:(\d+)\n$/.exec(line)?.[1]), ended };
}

describe('otop serve as a program', () => {
  it('listens on loopback, announces itself to `otop status`, and exits cleanly on a signal', async () => {
    // With a database there is no trouble to print, also if `status` polls itself because serve responds too late.
    const folder = join(home, '.local/share/opencode');
    mkdirSync(folder, { recursive: true });
    new OpencodeDatabase(join(folder, 'opencode.db')).close();
    const { child, line, port, ended } = await serve([]);
    expect(line).toMatch(/^otop serve on http:\/\/127\.0\.0\.1:\d+\n$/);
    const announced = join(home, '.local/state/otop/serve.json');
    expect(statSync(announced).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(announced, 'utf8'))).toMatchObject({ pid: child.pid, port });
    // The first response takes longest, and `status -p` gives up after three seconds.
    await requestOnce(port, { path: '/status?format=tmux' });
    const [asked, named] = await Promise.all([
      run(['status']),
      run(['status', '-p', String(port), '--format', 'tmux']),
    ]);
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(asked.out).toMatch(/^\S+( \S+)*\n$/);
    expect(named.out).toMatch(/^#\[/);
    const { text } = await requestOnce(port, { path: '/metrics' });
    // On a busy machine serve may respond too late; the first of the two commands then polls itself.
    expect(text).toMatch(/otop_http_requests_total\{path="\/status",status="200"\} [23]/);
    child.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(existsSync(announced)).toBe(false);
  });

  it('goes on after its stdout is closed, and does not announce the simulated fleet', async () => {
    const { port, child, ended } = await serve(['--demo']);
    expect(JSON.parse((await requestOnce(port, { path: '/sessions' })).text).sessions.length).toBeGreaterThan(
      5,
    );
    expect(existsSync(join(home, '.local/state/otop/serve.json'))).toBe(false);
    const menu = await run(['bar-status', '-p', String(port)]);
    expect(menu.code).toBe(0);
    expect(menu.out).toContain('Needs you (');
    child.kill('SIGINT');
    expect(await ended()).toBe(0);
  });

  it('logs its polls with --log', async () => {
    const log = join(home, 'serve.log');
    const { child, ended } = await serve(['--demo', '--log', log, '--log-level', 'debug']);
    const logged = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    await until('a poll in the log', () => /message="?(a )?look/.test(logged()), logged);
    child.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(readFileSync(log, 'utf8')).toContain('message=end');
  });

  it('says that a port is in use, and which option chooses another', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1');
    await eventOf(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, out, err } = await run(['serve', '-p', String(port)]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(new RegExp(`^otop: port ${port} of 127.0.0.1 is in use.*-p`));
    other.close();
  });

  it.each([
    ['there is none', {}, /--make-token/],
    ['it is too short', { OTOP_TOKEN: 'short' }, /OTOP_TOKEN does not hold a token/],
    ['it is too long', { OTOP_TOKEN: 'x'.repeat(600) }, /OTOP_TOKEN does not hold a token/],
    ['it has a blank', { OTOP_TOKEN: 'correct horse battery' }, /OTOP_TOKEN does not hold a token/],
  ])('does not accept other machines without a valid token: %s', async (_name, env, why) => {
    const { code, err } = await run(['serve', '-p', '0', '--bind', '0.0.0.0'], env);
    expect(code).toBe(2);
    expect(err).toMatch(why);
    expect(err).not.toContain('x'.repeat(20));
  });

  it('creates a token once, readable by the owner only, and requires it', async () => {
    const first = await run(['serve', '--make-token']);
    const path = first.out.trim();
    expect({ code: first.code, path }).toEqual({ code: 0, path: join(home, '.config/otop/token') });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/^[\w-]{43}\n$/);
    expect(await run(['serve', '--make-token'])).toMatchObject({ code: 1, out: '' });
    const { port } = await serve(['--bind', '0.0.0.0', '--demo']);
    expect((await requestOnce(port, { path: '/health' })).status).toBe(401);
    expect((await run(['status', '-p', String(port)])).code).toBe(0);
    writeFileSync(path, 'x'.repeat(40), { mode: 0o600 });
    const wrong = await run(['status', '-p', String(port)]);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('401');
  });

  it.each([
    [['serve', '--bind', 'example.org'], '--bind'],
    [['serve', '-p', '70000'], '--port'],
    [
      ['status', '-p', '8384', '--filter', 'api'],
      '--port cannot be combined with --filter, --all, --demo and other options that select sessions',
    ],
    [['bar-status', '--demo', '-p', '8384'], '--port'],
    [['status', '--format', 'beauty'], '--format'],
    [['status', 'now'], 'status'],
  ])('refuses %j with exit code 2', async (args, named) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(named);
  });
});

describe('otop status without a serve', () => {
  it('polls the sources itself if the announced serve is gone', async () => {
    const { child, ended } = await serve([]);
    child.kill('SIGKILL');
    await ended();
    expect(existsSync(join(home, '.local/state/otop/serve.json'))).toBe(true);
    const { code, out } = await run(['status', '--format', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ text: expect.any(String), counts: expect.any(Object) });
  });

  it('does not trust another program on the port of a serve', async () => {
    const { child, port, ended } = await serve([]);
    const announced = join(home, '.local/state/otop/serve.json');
    const text = readFileSync(announced, 'utf8');
    child.kill('SIGTERM');
    await ended();
    const liar = createServer((socket) => {
      socket.end('HTTP/1.0 200 OK\r\nx-otop-instance: another\r\n\r\n#(touch /tmp/owned)\n');
      socket.on('error', () => undefined);
    }).listen(port, '127.0.0.1');
    await eventOf(liar, 'listening');
    writeFileSync(announced, text.replace(/"pid":\d+/, `"pid":${process.pid}`));
    const { code, out } = await run(['status']);
    expect(code).toBe(0);
    expect(out).not.toContain('owned');
    liar.close();
  });

  it('reports in the bar, or on stderr, that no serve runs on a named port', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await eventOf(closed, 'listening');
    const { port } = closed.address() as { port: number };
    await eventOf(closed.close(), 'close');
    const menu = await run(['bar-status', '-p', String(port)]);
    expect(menu.code).toBe(0);
    expect(menu.out).toMatch(/^otop ! \|/);
    const plain = await run(['status', '-p', String(port)]);
    expect({ code: plain.code, out: plain.out }).toEqual({ code: 1, out: '' });
    expect(plain.err).toContain('ECONNREFUSED');
  });

  it('shows the simulated fleet', async () => {
    const { code, out } = await run(['status', '--demo', '--seed', '1']);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^\?\d/) });
  });
});
