import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { markedPids, signal } from '../processes.ts';
import type { Sandbox } from '../sandbox.ts';

const run = promisify(execFile);

/** The background service of the preview of opencode 2, and its HTTP API (opencode-2.md, "Processes of the builds"). */
export interface Service {
  /** The pid in the service's note; rejects if no service of the sandbox runs. */
  pid(): Promise<number>;
  /** Runs `lildax service start` in this directory; resolves when the service answers. */
  start(directory: string): Promise<void>;
  /** Runs `lildax service stop`; resolves when the process has ended. */
  stop(): Promise<void>;
  /** Kills the service by SIGKILL; the commands of its tools survive. */
  kill(): Promise<void>;
  /**
   * Sends a request and resolves with the `data` of its answer, undefined if the answer is empty. Rejects if the service
   * is unreachable, answers with an error or takes more than 10 s.
   */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown>;
}

interface Note {
  readonly url: string;
  readonly pid: number;
}

/** How long a start or an end may take on a busy machine. */
const changeMs = 60_000;

/** Waits until a test is true, asking six times a second; rejects after the time-out. */
export async function until(what: string, test: () => Promise<boolean>, timeoutMs = changeMs): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!(await test())) {
    if (Date.now() > endMs) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await sleep(150);
  }
}

/** Returns the service of a sandbox; it does not run yet. */
export function serviceIn(sandbox: Sandbox): Service {
  const state = join(sandbox.env.XDG_STATE_HOME ?? '', 'opencode');
  const temporary = join(sandbox.root, 'tmp');
  const env = { ...sandbox.env, TMPDIR: temporary };
  const note = async (): Promise<Note> =>
    JSON.parse(await readFile(join(state, 'server.json'), 'utf8')) as Note;
  const lives = (pid: number): boolean => markedPids(sandbox.mark).includes(pid);

  const call: Service['call'] = async (method, path, body) => {
    const { url } = await note();
    const password = (await readFile(join(state, 'password'), 'utf8')).trim();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${btoa(`opencode:${password}`)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} of ${method} ${path}: ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as { readonly data: unknown }).data;
  };

  const pid = async (): Promise<number> => {
    const noted = (await note()).pid;
    if (!lives(noted)) throw new Error(`the service's note names ${noted}, which has ended`);
    return noted;
  };

  const ended = (old: number): Promise<void> => until('the service to end', async () => !lives(old));

  return {
    pid,
    call,
    async start(directory) {
      await mkdir(temporary, { recursive: true });
      // On a busy machine the command gives up after 5 s, and the service comes up nevertheless.
      await run('lildax', ['service', 'start'], { env, cwd: directory, timeout: changeMs }).catch(
        () => undefined,
      );
      const answers = async (): Promise<boolean> => {
        await pid();
        await call('GET', '/api/session/active');
        return true;
      };
      await until('the service to answer', () => answers().catch(() => false));
    },
    async stop() {
      const old = await pid();
      await run('lildax', ['service', 'stop'], { env, cwd: sandbox.home, timeout: changeMs });
      await ended(old);
    },
    async kill() {
      const old = await pid();
      signal(old, 'SIGKILL');
      await ended(old);
    },
  };
}
