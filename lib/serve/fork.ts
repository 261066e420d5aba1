import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Session } from '../domain/session/session.ts';
import type { Clock } from '../system/clock.ts';
import type { Environment } from '../system/surroundings.ts';
import { sanitize } from '../text/sanitize.ts';
import type { JsonSchema } from './json-schema.ts';
import { type Answer, refuse } from './route.ts';

/** What `POST /sessions/ID/fork` takes. */
export const forkBody: JsonSchema = {
  type: 'object',
  properties: {
    prompt: { type: 'string', minLength: 1, description: 'what the fork is to do' },
    model: {
      type: 'string',
      pattern: '^[^/]+/.+$',
      description: 'provider/model; the session’s own if absent',
    },
    agent: { type: 'string', minLength: 1, description: 'the agent; opencode’s default if absent' },
    title: { type: 'string', minLength: 1, description: 'the title of the new session' },
  },
  required: ['prompt'],
  additionalProperties: false,
};

interface ForkRequest {
  readonly prompt: string;
  readonly model?: string;
  readonly agent?: string;
  readonly title?: string;
}

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
    const request = forkRequest(body);
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

/** The request, or what is wrong with it in words. */
function forkRequest(body: Readonly<Record<string, unknown>>): ForkRequest | string {
  const known = Object.keys(forkBody.properties ?? {});
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined)
    return `${JSON.stringify(sanitize(unknown, 40))} is not known; there are ${known.join(', ')}`;
  for (const [key, value] of Object.entries(body)) {
    if (typeof value !== 'string' || value.trim() === '') return `${key} must be a text that is not empty`;
    if (value.includes('\0')) return `${key} must not hold a NUL`;
  }
  if (body.prompt === undefined) return 'prompt is missing: what the fork is to do';
  if (typeof body.model === 'string' && !/^[^/]+\/.+$/.test(body.model))
    return 'model must be provider/model';
  return body as unknown as ForkRequest;
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
    const started = (sessionId: string | null) =>
      resolve({
        status: 202,
        body: `${JSON.stringify({ session_id: sessionId, parent_id: parentId, pid: child.pid ?? null })}\n`,
      });
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
