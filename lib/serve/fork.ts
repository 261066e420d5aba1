import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type ForkAnswer, type ForkRequest, forkRequestSchema } from '../domain/schema/serve.ts';
import type { Session } from '../domain/session/session.ts';
import type { Clock } from '../system/clock.ts';
import type { Environment } from '../system/surroundings.ts';
import { sanitize } from '../text/sanitize.ts';
import { requestOf } from './json-body.ts';
import { type Answer, refuse } from './route.ts';

/** What forking needs of the world. */
export interface ForkParts {
  readonly env: Environment;
  readonly clock: Clock;
}

/** Each is an opencode process of half a gigabyte. */
const mostRunning = 4;
/** opencode needs one to four seconds to start; after that the answer goes without the new session's id. */
const patienceMs = 10_000;
const keptErrorChars = 4096;

/** Starts forks, so many at a time; they outlive otop. */
export class Forks {
  readonly #parts: ForkParts;
  readonly #running = new Set<ChildProcess>();

  constructor(parts: ForkParts) {
    this.#parts = parts;
  }

  /**
   * Starts `opencode run --fork` on a session, the prompt on its standard input, where neither `ps` nor an option
   * parser sees it. Answers once opencode names the new session, ends, or takes too long for that.
   */
  async start(session: Session, body: Readonly<Record<string, unknown>>): Promise<Answer> {
    const request = requestOf(forkRequestSchema, body);
    if (typeof request === 'string') return refuse(400, request);
    const cwd = session.directoryPath;
    if (cwd === undefined || !isDirectory(cwd)) return refuse(409, "the session's directory is gone");
    if (this.#running.size >= mostRunning) {
      return refuse(503, `${mostRunning} forks are running already`, { 'retry-after': '30' });
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
    // opencode may end before it read everything: its exit code says more.
    child.stdin.on('error', () => undefined);
    child.stdin.end(request.prompt);
    return outcome(child, session.id, this.#parts.clock);
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

/** What became of a started opencode: 202 with the new session where it is known; 503 without an opencode, 502 where it failed. */
function outcome(child: ReturnType<typeof spawn>, parentId: string, clock: Clock): Promise<Answer> {
  return new Promise((resolve) => {
    let errorText = '';
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => {
      errorText = (errorText + text).slice(-keptErrorChars);
    });
    const started = (sessionId: string | null) => {
      const answer: ForkAnswer = { session_id: sessionId, parent_id: parentId, pid: child.pid ?? null };
      resolve({ status: 202, body: `${JSON.stringify(answer)}\n` });
    };
    const timer = clock.after(patienceMs, () => started(null));
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

/** The session of a line of `opencode run --format=json`: `{"type":…,"timestamp":…,"sessionID":"ses_…",…}`. */
function sessionNamed(line: string): string | undefined {
  return /^\{"type":"[^"]*","timestamp":\d+,"sessionID":"(ses_\w+)"/.exec(line)?.[1];
}
