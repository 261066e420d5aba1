import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Activities, createActivities } from './activity.ts';
import { answer, linger } from './answers.ts';
import { type ChatRequest, currentStep, purposeOf, titleOf, usageOf } from './chat.ts';
import { startCompletion } from './completion.ts';

/** A fake model server: it answers by the script in each prompt and records what it sends. */
export interface ModelServer {
  /** `http://127.0.0.1:PORT`; the API is under `/v1`. */
  readonly url: string;
  readonly activities: Activities;
  /** Ends the delay of the current answer for this word; the answer continues at once. */
  release(word: string): void;
  close(): void;
}

function refuse(response: ServerResponse, status: number, message: string, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message, type: 'rig', code: status } }));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

function hangUpOf(response: ServerResponse): AbortSignal {
  const hangUp = new AbortController();
  response.once('close', () => hangUp.abort());
  return hangUp.signal;
}

/** Answers one chat completion by the script of its newest prompt. */
async function complete(
  chat: ChatRequest,
  response: ServerResponse,
  activities: Activities,
  url: string,
): Promise<void> {
  const current = currentStep(chat);
  const purpose = purposeOf(chat);
  const start = () => startCompletion(response, chat.model);
  if (purpose === 'title' || current === undefined) {
    const completion = start();
    completion.text(current === undefined ? 'Nothing was asked.' : titleOf(current.word));
    return completion.end('stop', { prompt: 10, cached: 0, completion: 5 });
  }
  const { subagent, index } = current;
  const compacting = purpose === 'compaction';
  // From 1.14 on, a compaction request lacks the newest turns, but it belongs to the newest prompt.
  const word = compacting ? activities.newest(current.word) : current.word;
  const step = compacting ? { verb: 'stream' as const, seconds: 60 } : current.step;
  const activity = activities.of(word, subagent);
  const { verb } = step;
  const begun = {
    phase: 'waiting',
    answers: activity.answers + 1,
    released: false,
    interrupted: false,
  } as const;
  Object.assign(activity, { ...begun, compacting, verb });
  const signal = hangUpOf(response);
  try {
    if (step.verb === 'limit') {
      activity.outcome = 'limited';
      refuse(response, 429, `Rate limit reached for ${word}`, { 'retry-after': `${step.seconds}` });
    } else if (step.verb === 'reset') {
      activity.outcome = 'limited';
      response.destroy();
    } else if (step.verb === 'fail') {
      activity.outcome = 'failed';
      refuse(response, step.seconds || 400, `bad request of ${word}`);
    } else {
      await answer(step, { word, activity, usage: usageOf(word, index), url, signal }, start);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    activity.outcome = 'aborted';
  } finally {
    activity.phase = 'none';
  }
}

/** Serves a page after a delay, for `webfetch` and the MCP tool. */
async function slowPage(path: URL, response: ServerResponse, activities: Activities): Promise<void> {
  const seconds = Number(path.searchParams.get('seconds'));
  const activity = activities.of(path.searchParams.get('word') ?? '');
  const signal = hangUpOf(response);
  await linger(seconds, activity, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  response.writeHead(200, { 'content-type': 'text/plain' }).end('a slow page');
}

/** Starts the model server on a free port of the loopback interface. */
export async function startModelServer(): Promise<ModelServer> {
  const activities = createActivities();
  let url = '';
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://rig');
    if (path.pathname === '/slow') return slowPage(path, response, activities);
    if (path.pathname !== '/v1/chat/completions') return refuse(response, 404, `nothing at ${path.pathname}`);
    return complete(JSON.parse(await bodyOf(request)), response, activities, url);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(new Error(String(error))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port for the model server');
  url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    activities,
    release(word) {
      activities.of(word).released = true;
      activities.of(word, true).released = true;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
