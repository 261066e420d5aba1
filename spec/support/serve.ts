import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board } from '../../lib/domain/board/board.ts';
import { openMonitor } from '../../lib/monitor/open-monitor.ts';
import { type ServeParts, startServe } from '../../lib/serve/serve.ts';
import { systemClock } from '../../lib/system/clock.ts';
import { emptyMachine } from './machine.ts';
import { within } from './wait.ts';

export const token = 'a-token-of-the-specs';

/** A serve of the demo on its own port. */
export interface ServeUnderTest {
  readonly port: number;
  readonly bugs: unknown[];
  /** Changes every Board from now on. */
  show(change: (board: Board) => Board): void;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  request(options: RequestOptions): Promise<Reply>;
  close(): Promise<void>;
}

/** A request. */
export interface RequestOptions {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A whole response. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Starts a serve. The demo and its wall clock stand still, so that only the spec changes the Board, however slow it is. */
export async function serveUnderTest(some: Partial<ServeParts> = {}): Promise<ServeUnderTest> {
  const home = mkdtempSync(join(tmpdir(), 'otop-serve-'));
  const { env: _env, ...streams } = process;
  const startMs = Date.now();
  const clock = { ...systemClock, nowMs: () => startMs };
  const context = {
    env: {},
    homeDir: home,
    stdin: streams.stdin,
    stdout: streams.stdout,
    stderr: streams.stderr,
    clock,
    machine: emptyMachine,
  };
  const open = await openMonitor({ demo: true, seed: 5, color: true, mouse: true }, context, false);
  const bugs: unknown[] = [];
  let change = (board: Board) => board;
  const serve = await startServe({
    open,
    env: { PATH: process.env.PATH },
    clock,
    machine: emptyMachine,
    version: '0.0.0-spec',
    bind: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    token,
    readOnly: false,
    tickMs: 200,
    listed: (board) => change(board),
    onBug: (error) => bugs.push(error),
    onFailed: (error) => bugs.push(error),
    ...some,
  });
  const request = (options: RequestOptions) => requestOnce(serve.port, options);
  return {
    port: serve.port,
    bugs,
    show(next) {
      change = next;
    },
    get: (path, headers) => request({ path, ...(headers && { headers }) }),
    request,
    async close() {
      await serve.close(200);
      open.monitor.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Sends one request on its own connection. */
export function requestOnce(
  port: number,
  { method = 'GET', path, headers = {}, body }: RequestOptions,
): Promise<Reply> {
  const reply = new Promise<Reply>((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
  return within(`the response to ${method} ${path}`, reply);
}

/** A client of /events. */
export interface EventReader {
  readonly status: number;
  /** Resolves with the data of the next event of a type. */
  next(type: string): Promise<Record<string, unknown>>;
  readonly ids: number[];
  /** Resolves when the connection is closed. */
  ended(): Promise<void>;
  leave(): void;
}

/** Connects to /events. A refusal has another status than 200. */
export function readEvents(port: number, headers: Record<string, string> = {}): Promise<EventReader> {
  const reader = new Promise<EventReader>((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path: '/events', headers, agent: false },
      (response) => {
        const ids: number[] = [];
        const events: { type: string; data: string }[] = [];
        let waiting: (() => void) | undefined;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
          const blocks = text.split('\n\n');
          text = blocks.pop() ?? '';
          for (const block of blocks) {
            const found = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block);
            if (!found) continue;
            ids.push(Number(found[1]));
            events.push({ type: found[2] ?? '', data: found[3] ?? '' });
          }
          waiting?.();
        });
        const next = async (type: string): Promise<Record<string, unknown>> => {
          for (;;) {
            const event = events.shift();
            if (event?.type === type) return JSON.parse(event.data);
            if (event === undefined) {
              const more = new Promise<void>((wake) => {
                waiting = wake;
              });
              await within(`an event ${type}`, more);
            }
          }
        };
        const closed = new Promise<void>((done) => response.once('close', () => done()));
        const ended = () => within('the end of /events', closed);
        resolve({ status: response.statusCode ?? 0, next, ids, ended, leave: () => request.destroy() });
      },
    );
    request.on('error', reject);
    request.end();
  });
  return within('the response to GET /events', reader);
}
