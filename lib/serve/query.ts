import { connect, type Socket } from 'node:net';
import type { Options } from '../config/options.ts';
import type { Context } from '../system/context.ts';
import { isAlive } from '../system/exit.ts';
import { sanitizeDrawn } from '../text/sanitize.ts';
import type { Announcement } from './announcement.ts';
import { announcementPath, readAnnouncement } from './announcement.ts';

/** The wanted form of the status line. */
export interface StatusQuery {
  readonly format: string;
  readonly ascii: boolean;
}

/** The text that a serve sent, or the reason in words why there is none. */
export type ServeResponse =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

/** A status line is far shorter; more comes from another program. */
const maxResponseChars = 4 * 1024 * 1024;

/**
 * Gets the status line of a running serve: one HTTP/1.0 request over a bare socket. Loading node's HTTP client would take
 * a third of the time that `otop status` may take.
 */
function queryServe(
  serve: Pick<Announcement, 'address' | 'port'> & Partial<Announcement>,
  query: StatusQuery,
  token: string | undefined,
  timeoutMs: number,
): Promise<ServeResponse> {
  return new Promise((resolve) => {
    let received = '';
    const end = (result: ServeResponse) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const fail = (why: string) => end({ kind: 'failed', why });
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`), timeoutMs);
    const socket: Socket = connect({ host: serve.address, port: serve.port }, () => {
      const path = `/status?format=${query.format}${query.ascii ? '&ascii=1' : ''}`;
      const bearer = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
      socket.write(`GET ${path} HTTP/1.0\r\nHost: localhost:${serve.port}\r\n${bearer}\r\n`);
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      received += text;
      if (received.length > maxResponseChars) fail('the answer is too long');
    });
    socket.on('error', ({ message }) => fail(message));
    socket.on('end', () => end(parseResponse(received, serve.instance)));
  });
}

/** Returns the body if the response comes from an otop and, if `instance` is given, from that one. */
function parseResponse(received: string, instance: string | undefined): ServeResponse {
  const split = received.indexOf('\r\n\r\n');
  const head = received.slice(0, Math.max(0, split));
  const sender = /^x-otop-instance: (\S+)\s*$/im.exec(head)?.[1];
  if (sender === undefined || (instance !== undefined && sender !== instance)) {
    return { kind: 'failed', why: 'another program listens on that port' };
  }
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  const body = received.slice(split + 4);
  if (status === '200') return { kind: 'text', text: sanitizeDrawn(body) };
  return { kind: 'failed', why: `it answered ${status}: ${body.trim().slice(0, 200)}` };
}

/** A serve responds in a few milliseconds; one that hangs must not delay a bar. */
const announcedTimeoutMs = 100;
/** With `--port` there is no other source, and the port may lead through a tunnel. */
const portTimeoutMs = 3000;

/** True if no option chooses other sessions than those of this machine, which a serve without options shows. */
export function isAboutThisMachine(options: Options): boolean {
  const { db, demo, all, includeNoninteractive, server, host, otop, filter } = options;
  const choosing = [db, demo, all, includeNoninteractive, server, host, otop, filter];
  return choosing.every((option) => option === undefined);
}

/** Returns the status line of the announced serve, or undefined if there is none or it does not respond in time. */
export async function queryAnnounced(query: StatusQuery, context: Context): Promise<string | undefined> {
  const serve = readAnnouncement(announcementPath(context.env, context.homeDir));
  if (serve === undefined || !isAlive(serve.pid)) return undefined;
  const token = serve.guarded ? await tokenOf(context) : undefined;
  const response = await queryServe(serve, query, token, announcedTimeoutMs);
  return response.kind === 'text' ? response.text : undefined;
}

/** Returns the status line of the serve on a port of this machine, or the reason why there is none. */
export async function queryPort(port: number, query: StatusQuery, context: Context): Promise<ServeResponse> {
  const announced = readAnnouncement(announcementPath(context.env, context.homeDir));
  const serve = announced?.port === port ? announced : { address: '127.0.0.1', port };
  return queryServe(serve, query, await tokenOf(context), portTimeoutMs);
}

async function tokenOf({ env, homeDir }: Context): Promise<string | undefined> {
  const { readToken } = await import('./token.ts');
  const reading = readToken(env, homeDir);
  return reading.kind === 'token' ? reading.token : undefined;
}
