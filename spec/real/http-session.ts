import { promptText } from './script.ts';

/** A session that is controlled by a real server's HTTP API. */
export interface HttpSession {
  readonly id: string;
  /** The unique word of its prompt. */
  readonly word: string;
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${response.status} of ${url}`);
  return response.status === 204 ? undefined : response.json();
}

/** Creates a session in a directory of a server and prompts it with a script; rejects if the server refuses. */
export async function promptOver(
  url: string,
  directory: string,
  word: string,
  steps: string,
): Promise<HttpSession> {
  const query = `?directory=${encodeURIComponent(directory)}`;
  const made = await post(`${url}/session${query}`, {});
  const id = typeof made === 'object' && made !== null && 'id' in made ? String(made.id) : '';
  await post(`${url}/session/${id}/prompt_async${query}`, {
    parts: [{ type: 'text', text: promptText(word, steps) }],
  });
  return { id, word };
}
