import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { otopPath } from '../../support/program.ts';
import { otopEnvironment } from '../otop.ts';
import type { Rig } from '../rig.ts';
import { promptText } from '../script.ts';
import { finishedSession, type Story } from './story.ts';

const token = 'a-token-of-the-rig';

interface ForkAnswer {
  readonly status: number;
  readonly body: { readonly session_id?: string; readonly parent_id?: string; readonly pid?: number };
}

/** Starts an `otop serve` in the sandbox, whose forks have the rig's mark; returns its process and URL. */
async function startServe(rig: Rig): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const env = { ...otopEnvironment(rig, 'tmux'), OTOP_TOKEN: token, OTOP_RIG: rig.sandbox.mark };
  const child = spawn(process.execPath, [otopPath, 'serve', '--port', '0'], {
    env,
    cwd: rig.sandbox.home,
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`otop serve ended with ${code}`)));
    child.stdout.once('data', (text) => resolve(String(text)));
  });
  return { child, url: /http:\S+/.exec(line)?.[0] ?? '' };
}

async function fork(url: string, id: string, prompt: string, bearer = token): Promise<ForkAnswer> {
  const response = await fetch(`${url}/sessions/${id}/fork`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ prompt }),
  });
  return { status: response.status, body: (await response.json()) as ForkAnswer['body'] };
}

/** `POST /sessions/ID/fork` of `otop serve`: opencode copies the session and continues in the copy. */
export const httpFork: Story = {
  name: 'http-fork',
  async play(stage) {
    const { rig, report, expect, sessionOf } = stage;
    const parent = await finishedSession(stage);
    const before = await sessionOf(parent.word);
    const { child, url } = await startServe(rig);
    try {
      const word = `fork${rig.seed}x1p1`;
      const prompt = promptText(word, 'stream:20');
      const wrong = await fork(url, parent.id, prompt, 'another');
      report.check(wrong.status === 401, `a wrong token is refused: ${wrong.status}`);
      const { status, body } = await fork(url, parent.id, prompt);
      report.check(status === 202, `the fork was started: ${status} ${JSON.stringify(body)}`);
      for (let tries = 0; tries < 100; tries += 1) {
        if (rig.server.activities.of(word).phase === 'text') break;
        await sleep(200);
      }
      await sleep(1500);
      const made = await sessionOf(word);
      report.check(made.id !== parent.id, `it is a session of its own: ${made.id}`);
      report.check(body.session_id === made.id, `and the answer names it: ${body.session_id}`);
      report.check(made.messages > before.messages, `it begins with the other's ${before.messages} messages`);
      const { messages } = await sessionOf(parent.word);
      report.check(messages === before.messages, `which are ${messages} still`);
      await expect('otop shows the process of the answer with the fork, generating', (rows) => {
        const row = rows.find(({ pid }) => pid === body.pid);
        return row?.kind === 'run' && row.session?.id === made.id && row.session.status === 'generating';
      });
      rig.server.release(word);
      await expect('and without a process once it is done', (rows) => {
        const row = rows.find(({ session }) => session?.id === made.id);
        return row?.pid === null && row.session?.status === 'idle';
      });
    } finally {
      child.kill();
    }
  },
};
