import { connect, type Socket } from 'node:net';
import type { Options } from '../config/options.ts';
import type { Context } from '../system/context.ts';
import { isAlive } from '../system/exit.ts';
import { sanitizeDrawn } from '../text/sanitize.ts';
import type { Announcement } from './announcement.ts';
import { announcementPath, readAnnouncement } from './announcement.ts';

/** What a serve is asked for. */
export interface StatusQuestion {
  readonly format: string;
  readonly ascii: boolean;
}

/** How a serve answered, or why it did not, in words. */
export type ServeAnswer =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'silent'; readonly why: string };

const mostAnswerChars = 4 * 1024 * 1024;

/**
 * Asks a running serve for its status line: one HTTP/1.0 exchange over a bare socket. Loading node's HTTP client alone
 * would take a third of the time that a status line may.
 */
function askServe(
  serve: Pick<Announcement, 'address' | 'port'> & Partial<Announcement>,
  question: StatusQuestion,
  token: string | undefined,
  timeoutMs: number,
): Promise<ServeAnswer> {
  return new Promise((resolve) => {
    let answer = '';
    const end = (result: ServeAnswer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const silent = (why: string) => end({ kind: 'silent', why });
    const timer = setTimeout(() => silent(`no answer within ${timeoutMs} ms`), timeoutMs);
    const socket: Socket = connect({ host: serve.address, port: serve.port }, () => {
      const path = `/status?format=${question.format}${question.ascii ? '&ascii=1' : ''}`;
      const bearer = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
      socket.write(`GET ${path} HTTP/1.0\r\nHost: localhost:${serve.port}\r\n${bearer}\r\n`);
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > mostAnswerChars) silent('the answer has no end');
    });
    socket.on('error', ({ message }) => silent(message));
    socket.on('end', () => end(understood(answer, serve.instance)));
  });
}

/** The body of an answer, where it comes from an otop, and from the one that was asked. */
function understood(answer: string, instance: string | undefined): ServeAnswer {
  const split = answer.indexOf('\r\n\r\n');
  const head = answer.slice(0, Math.max(0, split));
  const from = /^x-otop-instance: (\S+)\s*$/im.exec(head)?.[1];
  if (from === undefined || (instance !== undefined && from !== instance)) {
    return { kind: 'silent', why: 'another program is on that port' };
  }
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  const body = answer.slice(split + 4);
  if (status === '200') return { kind: 'answered', text: sanitizeDrawn(body) };
  return { kind: 'silent', why: `it answers ${status}: ${body.trim().slice(0, 200)}` };
}

/** A serve answers in a few milliseconds; one that hangs must not hold a bar up. */
const patienceMs = 100;
/** Where a person named the port there is nobody else to ask, and it may be the far end of a tunnel. */
const namedPatienceMs = 3000;

/** With these options a serve tells what `otop status` without any would find: the sessions of this machine. */
export function isAboutThisMachine(options: Options): boolean {
  const { db, demo, all, includeNoninteractive, server, host, otop, filter } = options;
  const others = [db, demo, all, includeNoninteractive, server, host, otop, filter];
  return others.every((option) => option === undefined);
}

/** The status line of the serve that announced itself; undefined where there is none, or it does not answer in time. */
export async function askAnnounced(question: StatusQuestion, context: Context): Promise<string | undefined> {
  const serve = readAnnouncement(announcementPath(context.env, context.homeDir));
  if (serve === undefined || !isAlive(serve.pid)) return undefined;
  const token = serve.guarded ? await tokenOf(context) : undefined;
  const answer = await askServe(serve, question, token, patienceMs);
  return answer.kind === 'answered' ? answer.text : undefined;
}

/** What the serve on a port of this machine answers. */
export async function askPort(
  port: number,
  question: StatusQuestion,
  context: Context,
): Promise<ServeAnswer> {
  const announced = readAnnouncement(announcementPath(context.env, context.homeDir));
  const serve = announced?.port === port ? announced : { address: '127.0.0.1', port };
  return askServe(serve, question, await tokenOf(context), namedPatienceMs);
}

async function tokenOf({ env, homeDir }: Context): Promise<string | undefined> {
  const { readToken } = await import('./token.ts');
  const reading = readToken(env, homeDir);
  return reading.kind === 'token' ? reading.token : undefined;
}
