import type { Options } from '../config/options.ts';
import type { Context } from '../system/context.ts';
import { isAlive } from '../system/is-alive.ts';
import { announcementPath, readAnnouncement } from './announcement.ts';
import { askServe, type ServeAnswer, type StatusQuestion } from './ask.ts';

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
