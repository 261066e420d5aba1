import { setTimeout as sleep } from 'node:timers/promises';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import type { ReportedAsk } from '../../../lib/domain/session/reported-status.ts';
import { serverActs } from '../../../lib/sources/server/acts.ts';
import { LocalServers } from '../../../lib/sources/server/local-servers.ts';
import { promptOver } from '../http-session.ts';
import type { OtopRow } from '../otop.ts';
import { signal } from '../processes.ts';
import type { Pane, Rig } from '../rig.ts';
import { elsewhere, home, type Story } from './story.ts';

/** `opencode serve` in a pane, and its URL. */
export interface Serving {
  readonly pane: Pane;
  readonly url: string;
  readonly process: OpencodeProcess;
}

let nextPort = 20_000 + (process.pid % 20_000);

/** Starts an `opencode serve` on a new port; resolves when it responds. */
export async function serving(rig: Rig): Promise<Serving> {
  nextPort += 1;
  const port = nextPort;
  const url = `http://127.0.0.1:${port}`;
  const pane = await rig.shell({ directory: elsewhere(rig) });
  await rig.type(pane, `opencode serve --port ${port}`);
  for (let tries = 0; tries < 60; tries += 1) {
    // A request during the start may never get a response.
    const signal = AbortSignal.timeout(2000);
    if ((await fetch(`${url}/global/health`, { signal }).catch(() => undefined))?.ok === true) break;
    await sleep(500);
  }
  return { pane, url, process: listening(rig.pidOf(pane) ?? 0, 'serve', port) };
}

/** Returns the process in the form of otop's process source. */
function listening(pid: number, kind: 'serve' | 'tui', port: number): OpencodeProcess {
  const args = kind === 'serve' ? ['serve', '--port', String(port)] : ['--port', String(port)];
  const nothing = { databases: [], logs: [], children: [], missing: [] };
  return { pid, kind, args, startedAtMs: 1, orphan: false, ports: [port], ...nothing };
}

/** Connects only otop's `LocalServers` to these processes. */
function listenTo(processes: readonly OpencodeProcess[]) {
  const passwords = { headersFor: () => [], troubles: [] };
  const servers = new LocalServers({ credentials: { headerFor: () => undefined }, passwords });
  const asksOf = (id: string) => servers.refresh(processes, Date.now()).statuses.get(id)?.asks ?? [];
  return {
    acts: serverActs(
      (id) => servers.hostOf(id),
      () => servers.asks(),
    ),
    /** Resolves with the first ask of a session and the delay until otop knew it, in ms. */
    ask: (id: string) =>
      new Promise<{ ask: ReportedAsk; lagMs: number }>((resolve) => {
        const check = () => {
          const [ask] = asksOf(id);
          if (ask !== undefined) resolve({ ask, lagMs: Date.now() - (ask.askedAtMs ?? 0) });
        };
        servers.listen(check);
        check();
      }),
    settled: async () => {
      servers.refresh(processes, Date.now());
      await servers.settled();
    },
    close: () => servers.close(),
  };
}

const of = (rows: readonly OtopRow[], id: string) => rows.find(({ session }) => session?.id === id);

/** A server with sessions in four directories, and a TUI with a port: matches are certain, and a stopped server delays nothing. */
export const servers: Story = {
  name: 'servers',
  async play({ rig, expect, report }) {
    const { pane, url, process: server } = await serving(rig);
    const directories = [...rig.sandbox.projects, rig.sandbox.home];
    const scripts = ['ask say', 'question say', 'stream:90', 'say'];
    const wanted = ['asking', 'asking', 'generating', 'idle'];
    const sessions = await Promise.all(
      directories.map((directory, index) =>
        promptOver(url, directory, `served${rig.seed}x${index}p1`, scripts[index] ?? 'say'),
      ),
    );
    nextPort += 1;
    const tui = await rig.open({ directory: home(rig), command: `opencode --port ${nextPort}` });
    const tuiProcess = listening(rig.pidOf(tui) ?? 0, 'tui', nextPort);
    await rig.prompt(tui, 'ask say');
    await sleep(3000);
    for (const [index, session] of sessions.entries()) {
      await expect(`of four directories, session ${index + 1} is ${wanted[index]} on the server`, (rows) => {
        const row = of(rows, session.id);
        if (wanted[index] === 'idle') return row?.session?.status === 'idle' || row === undefined;
        const isCertain = row?.match?.evidence === 'server' && row.match.confidence === 'certain';
        return row?.pid === server.pid && row.session?.status === wanted[index] && isCertain;
      });
    }
    await expect('a TUI with a port asks, and says so itself', (rows) => {
      const row = rows.find(({ pid }) => pid === tuiProcess.pid);
      return row?.session?.status === 'asking' && row.match?.confidence === 'certain';
    });
    signal(server.pid, 'SIGSTOP');
    await expect('a server that was stopped holds up nobody', (rows) =>
      rows.some(({ pid, session }) => pid === tuiProcess.pid && session?.status === 'asking'),
    );
    signal(server.pid, 'SIGCONT');
    const backend = listenTo([server, tuiProcess]);
    await backend.settled();
    const [asking, questioned] = sessions;
    if (asking === undefined || questioned === undefined) throw new Error('no sessions');
    const { ask } = await backend.ask(asking.id);
    report.check((await backend.acts.answer(asking.id, ask, { kind: 'allow once' })).done, 'allows once');
    const { ask: question } = await backend.ask(questioned.id);
    const answer = await backend.acts.answer(questioned.id, question, {
      kind: 'answers',
      answers: [['SQLite']],
    });
    report.check(answer.done, `answers a question: ${answer.text}`);
    const streaming = sessions[2]?.id ?? '';
    report.check((await backend.acts.abort(streaming)).done, 'ends a turn');
    await expect('what was answered or ended is at rest', (rows) =>
      [asking.id, questioned.id, streaming].every((id) => of(rows, id)?.session?.status === 'idle'),
    );
    const again = await backend.acts.answer(asking.id, ask, { kind: 'reject' });
    report.check(!again.done, `an answer that comes too late is said in words: ${again.text}`);
    backend.close();
    await rig.close(pane);
  },
};

/** Measures the delay until otop knows an ask of a server. */
export const serverLag: Story = {
  name: 'server-lag',
  async play({ rig, report }) {
    const { pane, url, process: server } = await serving(rig);
    const backend = listenTo([server]);
    await backend.settled();
    const lags: number[] = [];
    for (let count = 0; count < 9; count += 1) {
      const word = `lag${rig.seed}x${count}p1`;
      const { id } = await promptOver(url, elsewhere(rig), word, 'ask say');
      const { ask, lagMs } = await backend.ask(id);
      lags.push(lagMs);
      await backend.acts.answer(id, ask, { kind: 'reject' });
    }
    const median = lags.toSorted((one, other) => one - other)[4] ?? Number.NaN;
    report.check(median <= 300, `asks are known after ${median} ms in the median (${lags.join(', ')})`);
    backend.close();
    await rig.close(pane);
  },
};
