import { connect, type Socket } from 'node:net';
import { sanitizeDrawn } from '../text/sanitize.ts';
import type { Announcement } from './announcement.ts';

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
export function askServe(
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
