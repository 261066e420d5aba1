import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ForkRequest, type ForkResponse, forkRequestSchema } from '../domain/schema/serve.ts';
import type { Session } from '../domain/session/session.ts';
import type { Clock } from '../system/clock.ts';
import type { Environment } from '../system/surroundings.ts';
import { sanitize } from '../text/sanitize.ts';
import { requestOf } from './json-body.ts';
import { type RouteResponse, refuse } from './route.ts';

/** The environment that forks are started with. */
export interface ForkParts {
  readonly env: Environment;
  readonly clock: Clock;
}

/** Each fork is an opencode process of half a gigabyte. */
const maxRunning = 4;
/** opencode takes one to four seconds to start. After this time the response is sent without the new session's id. */
const startTimeoutMs = 10_000;
const maxErrorChars = 4096;

/** Starts forks, up to a maximum at a time. They outlive otop. */
export class Forks {
  readonly #parts: ForkParts;
  readonly #running = new Set<ChildProcess>();

  constructor(parts: ForkParts) {
    this.#parts = parts;
  }

  /**
   * Starts `opencode run --fork` on a session. The prompt goes to standard input, so that neither `ps` nor an option parser
   * sees it. Resolves when opencode names the new session, when it ends, or after ten seconds.
   */
  async start(session: Session, body: Readonly<Record<string, unknown>>): Promise<RouteResponse> {
    const request = requestOf(forkRequestSchema, body);
    if (typeof request === 'string') return refuse(400, request);
    const cwd = session.directoryPath;
    if (cwd === undefined || !isDirectory(cwd)) return refuse(409, "the session's directory is gone");
    if (this.#running.size >= maxRunning) {
      return refuse(503, `${maxRunning} forks are running already`, { 'retry-after': '30' });
    }
    const { OTOP_TOKEN: _secret, ...env } = this.#parts.env;
    const child = spawn('opencode', forkArguments(session.id, request), {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    child.once('error', () => this.#running.delete(child));
    child.unref();
    // opencode may end before it reads everything (EPIPE); its exit code says more.
    child.stdin.on('error', () => undefined);
    child.stdin.end(request.prompt);
    return responseOf(child, session.id, this.#parts.clock);
  }
}

function forkArguments(id: string, { model, agent, title }: ForkRequest): string[] {
  return [
    'run',
    '--fork',
    `--session=${id}`,
    '--format=json',
    ...(model === undefined ? [] : [`--model=${model}`]),
    ...(agent === undefined ? [] : [`--agent=${agent}`]),
    ...(title === undefined ? [] : [`--title=${title}`]),
  ];
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Resolves with 202 and the new session if it is known, 503 if opencode does not start, or 502 if it fails. */
function responseOf(child: ReturnType<typeof spawn>, parentId: string, clock: Clock): Promise<RouteResponse> {
  return new Promise((resolve) => {
    let errorText = '';
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => {
      errorText = (errorText + text).slice(-maxErrorChars);
    });
    const started = (sessionId: string | null) => {
      const response: ForkResponse = { session_id: sessionId, parent_id: parentId, pid: child.pid ?? null };
      resolve({ status: 202, body: `${JSON.stringify(response)}\n` });
    };
    const timer = clock.after(startTimeoutMs, () => started(null));
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const sessionId = sessionNamed(line);
        if (sessionId !== undefined && sessionId !== parentId) started(sessionId);
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      timer.cancel();
      const isMissing = error.code === 'ENOENT';
      const why = isMissing
        ? 'there is no opencode on the PATH of otop serve'
        : `opencode does not start: ${error.message}`;
      resolve(refuse(503, why));
    });
    child.once('close', (code, signal) => {
      timer.cancel();
      if (code === 0) return started(null);
      const last = sanitize(errorText.trim().split('\n').at(-1) ?? '', 200);
      resolve(refuse(502, `opencode ended with ${signal ?? code}${last === '' ? '' : `: ${last}`}`));
    });
  });
}

/** Returns the session of a line of `opencode run --format=json`: `{"type":…,"timestamp":…,"sessionID":"ses_…",…}`. */
function sessionNamed(line: string): string | undefined {
  return /^\{"type":"[^"]*","timestamp":\d+,"sessionID":"(ses_\w+)"/.exec(line)?.[1];
}
