import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Forks } from '../../lib/serve/fork.ts';
import { systemClock } from '../../lib/system/clock.ts';
import { session } from '../support/builders.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-fork-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'project'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a script that runs instead of opencode. */
function opencode(script: string): void {
  writeFileSync(join(folder, 'bin', 'opencode'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** Records its arguments, directory, environment and input, and names a new session as opencode does. */
const recording = `
for word in "$@"; do printf '%s\\n' "$word"; done > ${'$'}{RECORD}/args
pwd > ${'$'}{RECORD}/cwd; env > ${'$'}{RECORD}/env; cat > ${'$'}{RECORD}/prompt
echo '{"type":"step_start","timestamp":1,"sessionID":"ses_new1","part":{}}'`;

const start = (body: Record<string, unknown>, path = `${join(folder, 'bin')}:/usr/bin:/bin`) =>
  new Forks({
    env: { PATH: path, RECORD: folder, OTOP_TOKEN: 'secret-secret-secret' },
    clock: systemClock,
  }).start({ ...session({ id: 'ses_a' }), directoryPath: join(folder, 'project') }, body);
const record = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('forking a session', () => {
  it('runs opencode in the directory of the session and passes the prompt on standard input', async () => {
    opencode(recording);
    const prompt = '--auto; $(touch /tmp/owned) `id`\n"second line" 日本';
    const { status, body } = await start({ prompt, model: 'acme/big', agent: 'plan', title: '-x; rm -rf /' });
    expect({ status, ...JSON.parse(body) }).toMatchObject({
      status: 202,
      session_id: 'ses_new1',
      parent_id: 'ses_a',
    });
    expect(record('args')).toMatchInlineSnapshot(`
      "run
      --fork
      --session=ses_a
      --format=json
      --model=acme/big
      --agent=plan
      --title=-x; rm -rf /
      "
    `);
    expect(record('prompt')).toBe(prompt);
    expect(record('cwd').trim()).toBe(join(folder, 'project'));
    expect(record('env')).not.toContain('secret');
  });

  it('responds 503 if there is no opencode on the PATH', async () => {
    const { status, body } = await start({ prompt: 'go on' }, '/nonexistent');
    expect({ status, body }).toEqual({
      status: 503,
      body: '{"error":"there is no opencode on the PATH of otop serve"}\n',
    });
  });

  it('responds 502 with the last error line of opencode if it fails', async () => {
    opencode("echo 'Error: \u001b[31mSession not found\u001b[0m' >&2; exit 1");
    const { status, body } = await start({ prompt: 'go on' });
    expect({ status, ...JSON.parse(body) }).toEqual({
      status: 502,
      error: 'opencode ended with 1: Error: Session not found',
    });
  });

  it('responds 202 without an id if opencode does not name the session', async () => {
    opencode('cat > /dev/null; echo Done');
    const { status, body } = await start({ prompt: 'go on' });
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 202, session_id: null });
  });

  it.each([
    [{}, 'prompt is missing'],
    [{ prompt: '' }, 'prompt must be'],
    [{ prompt: 7 }, 'prompt must be'],
    [{ prompt: 'x\0y' }, 'NUL'],
    [{ prompt: 'x', model: 'big' }, 'provider/model'],
    [{ prompt: 'x', agent: ' ' }, 'agent must be'],
    [{ prompt: 'x', cwd: '/' }, 'cwd'],
  ])('refuses %j: %s', async (body, why) => {
    const response = await start(body);
    expect(response.status).toBe(400);
    expect(response.body).toContain(why);
  });

  it('refuses a session whose directory does not exist', async () => {
    const forks = new Forks({ env: {}, clock: systemClock });
    const gone = { ...session(), directoryPath: join(folder, 'nowhere') };
    expect((await forks.start(gone, { prompt: 'x' })).status).toBe(409);
  });
});
