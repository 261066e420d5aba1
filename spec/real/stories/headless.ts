import { setTimeout as sleep } from 'node:timers/promises';
import type { OtopRow } from '../otop.ts';
import { descendants, isOpencode } from '../processes.ts';
import type { Pane, Rig } from '../rig.ts';
import { nestedWord, promptText } from '../script.ts';
import { serving } from './servers.ts';
import { elsewhere, home, type Story, say } from './story.ts';

/** Waits until the model server streams text for a word that the rig did not type as a prompt. */
async function atWork(rig: Rig, word: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (rig.server.activities.of(word).phase === 'text') return;
    await sleep(200);
  }
  throw new Error(`the model server was never asked for ${word}`);
}

function rowOf(rows: readonly OtopRow[], pid: number | undefined): OtopRow | undefined {
  return rows.find((row) => row.pid === pid && pid !== undefined);
}

async function leave(rig: Rig, pane: Pane, word: string): Promise<void> {
  rig.server.release(word);
  await rig.close(pane);
}

/** `opencode run`: it has no screen and no port, and ends when it is done. */
export const run: Story = {
  name: 'run',
  async play({ rig, expect, sessionOf }) {
    const pane = await rig.shell({ directory: elsewhere(rig) });
    const word = `run${rig.seed}x${pane.index}p1`;
    await rig.type(pane, `opencode run '${promptText(word, 'stream:90')}'`);
    await atWork(rig, word);
    await sleep(2000);
    const pid = rig.pidOf(pane);
    const { id } = await sessionOf(word);
    await expect('opencode run has its own session, generating', (rows) => {
      const row = rowOf(rows, pid);
      return row?.kind === 'run' && row.session?.id === id && row.session.status === 'generating';
    });
    await leave(rig, pane, word);
  },
};

/** `opencode serve` with `opencode attach`: the server runs the session, the client only shows it. */
export const serve: Story = {
  name: 'serve',
  async play({ rig, expect, sessionOf }) {
    const { pane: server, url } = await serving(rig);
    const client = await rig.open({ directory: elsewhere(rig), command: `opencode attach ${url}` });
    const word = await rig.prompt(client, 'stream:90');
    await atWork(rig, word);
    await sleep(2000);
    const { id } = await sessionOf(word);
    const [serverPid, clientPid] = [rig.pidOf(server), rig.pidOf(client)];
    await expect('the session at work is on the server', (rows) => {
      const row = rows.find(({ session, pid }) => session?.id === id && pid === serverPid);
      return row?.kind === 'serve' && row.session?.status === 'generating';
    });
    await expect('the attached client is a viewer', (rows) => rowOf(rows, clientPid)?.kind === 'attach');
    await leave(rig, client, word);
    await rig.close(server);
  },
};

/** opencode started by opencode's shell tool: two processes, each with its own session. */
export const nested: Story = {
  name: 'nested',
  async play({ rig, expect, sessionOf }) {
    const pane = await rig.open({ directory: home(rig) });
    const word = await rig.prompt(pane, 'nest:90');
    const inner = nestedWord(word);
    await atWork(rig, inner);
    await sleep(2000);
    const outerPid = rig.pidOf(pane);
    const innerPid = descendants(rig.sandbox.mark, outerPid ?? 0).find(isOpencode);
    const [outerId, innerId] = [(await sessionOf(word)).id, (await sessionOf(inner)).id];
    await expect('the outer opencode has its own session, using a tool', (rows) => {
      const row = rowOf(rows, outerPid);
      return row?.session?.id === outerId && row.session.status === 'tool use';
    });
    await expect('the inner opencode has its own session, generating', (rows) => {
      const row = rowOf(rows, innerPid);
      return row?.kind === 'run' && row.session?.id === innerId && row.session.status === 'generating';
    });
    await leave(rig, pane, inner);
  },
};

/** 1.2.27 survives the end of its terminal: otop shows it as an orphan with its memory. */
export const orphan: Story = {
  name: 'orphan',
  plays: (version) => version === '1.2.27',
  async play({ rig, expect, sessionOf }) {
    const pane = await rig.open({ directory: home(rig) });
    const { id } = await sessionOf(await say(rig, pane));
    const pid = rig.pidOf(pane);
    await rig.abandon(pane);
    await sleep(3000);
    await expect('a process that outlived its terminal is an orphan with its memory', (rows) => {
      const row = rowOf(rows, pid);
      return row?.orphan === true && (row.mem_mb ?? 0) > 50 && row.session?.id === id;
    });
  },
};
