import { type StdioOptions, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { configuration, previewConfiguration } from './configuration.ts';
import { installOpencode, preview } from './install.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { endMarked, opencodeUnder, signal } from './processes.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { promptText, promptWord } from './script.ts';
import { startTmux, type Tmux } from './tmux.ts';
import { startWatcher, type View, type Watched, type Watcher } from './watcher.ts';

/** One pane of the rig and its history. */
export interface Pane extends Watched {
  readonly index: number;
  /** The working directory of its opencode; `opencode PROJECT` changes it. */
  directory: string;
  readonly shellPid: number;
  /** `session:window.pane`. */
  readonly target: string;
  prompts: number;
}

/** Options of a new pane. */
export interface Opening {
  readonly directory: string;
  /** The command typed at the shell; default `opencode`. */
  readonly command?: string;
  readonly sessionId?: string;
  readonly columns?: number;
  readonly lines?: number;
}

/** Real opencode in real panes, with a fake model server. */
export interface Rig {
  readonly version: string;
  readonly seed: number;
  readonly sandbox: Sandbox;
  readonly server: ModelServer;
  readonly tmux: Tmux;
  readonly panes: readonly Pane[];
  readonly watcher: Watcher;
  /** Opens a pane, starts opencode in it and waits for its screen. */
  open(opening: Opening): Promise<Pane>;
  /** Starts opencode in a pane whose opencode has ended. */
  start(pane: Pane, command: string): Promise<void>;
  /** Types a prompt with this script and a new word; resolves with the word when the model server got a request. */
  prompt(pane: Pane, steps: string): Promise<string>;
  /** Types a slash command or an answer. */
  type(pane: Pane, text: string): Promise<void>;
  /** Resolves when a pane's view passes `test`; rejects with the pane's text after the timeout. */
  until(pane: Pane, what: string, test: (view: View) => boolean, timeoutMs?: number): Promise<View>;
  /**
   * Ends the model server's delay for the pane's newest prompt. It does not end a sleeping command: from 1.14 on, opencode
   * does not notice that a command was killed and waits for its own timeout.
   */
  release(pane: Pane): void;
  /** Returns the pid of the pane's opencode, or undefined if there is none. */
  pidOf(pane: Pane): number | undefined;
  /** Returns the word of the next prompt in this pane. */
  nextWord(pane: Pane): string;
  /** Opens a pane with a shell and without opencode; the watcher ignores it. */
  shell(opening: Opening): Promise<Pane>;
  /** Ends a pane's opencode by this signal and waits for its end; the shell stays. */
  end(pane: Pane, how?: NodeJS.Signals): Promise<void>;
  /** Closes the terminal of a pane's opencode, which may survive. */
  abandon(pane: Pane): Promise<void>;
  /** Ends a pane's opencode and closes the pane. */
  close(pane: Pane): Promise<void>;
  stop(): Promise<void>;
}

const names = ['kiwi', 'mango', 'plum', 'lemon', 'grape', 'fig', 'pear', 'lime', 'date', 'olive'] as const;

async function until<T>(what: string, timeoutMs: number, test: () => T | undefined): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = test();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await sleep(100);
  }
}

/** Starts the process that cleans up if the rig is killed; see `guard.ts`. */
function startGuard(sandbox: Sandbox): void {
  const program = join(import.meta.dirname, 'guard.ts');
  const stdio: StdioOptions = ['pipe', 'ignore', 'ignore'];
  const guard = spawn(process.execPath, [...process.execArgv, program, sandbox.root], {
    stdio,
    detached: true,
  });
  guard.unref();
  // The pipe must not keep the rig alive.
  if (guard.stdin instanceof Socket) guard.stdin.unref();
}

/** Creates sandbox, model server and tmux server; `stop` removes them. */
export async function startRig(version: string, seed: number): Promise<Rig> {
  const binary = await installOpencode(version);
  const server = await startModelServer();
  const configured = version === preview ? previewConfiguration : configuration;
  const sandbox = await createSandbox(binary, configured(server.url));
  startGuard(sandbox);
  const tmux = await startTmux(sandbox);
  const panes: Pane[] = [];
  const watcher = startWatcher(tmux, panes, server.activities);
  let opened = 0;

  const view = (pane: Pane, what: string, test: (view: View) => boolean, timeoutMs = 60_000): Promise<View> =>
    until(`pane ${pane.index} to show ${what}`, timeoutMs, () => {
      const now = watcher.view(pane);
      return now !== undefined && test(now) ? now : undefined;
    }).catch((error: Error) => {
      const lines = (watcher.view(pane)?.text ?? '').split('\n').filter((line) => line.trim() !== '');
      throw new Error([`${error.message}; it shows:`, ...lines.slice(-16)].join('\n'));
    });

  const start = async (pane: Pane, command: string): Promise<void> => {
    await tmux.type(pane.id, command);
    await view(pane, 'opencode', (now) => now.seen.opencode, 90_000);
    await sleep(500); // opencode sometimes loses keys right after its first frame
  };

  const shell = async (opening: Opening): Promise<Pane> => {
    opened += 1;
    const index = opened;
    const { directory, columns = 110, lines = 32, sessionId } = opening;
    // Two rigs may run at once, and otop sees both, so their panes need different names.
    const id = await tmux.open(`${process.pid % 1000}-${index}`, directory, columns, lines);
    const { shellPid, target } = await tmux.describe(id);
    return { id, index, directory, shellPid, target, word: undefined, prompts: 0, sessionId };
  };

  const pidOf = (pane: Pane) => opencodeUnder(sandbox.mark, pane.shellPid);

  const end = async (pane: Pane, how: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    const gone = () => {
      const pid = pidOf(pane);
      if (pid !== undefined) signal(pid, how);
      return pid === undefined ? true : undefined;
    };
    await until(`pane ${pane.index}'s opencode to end`, 20_000, gone);
    if (!panes.includes(pane)) return;
    // A killed opencode leaves its last screen, which looks like a running one.
    await tmux.type(pane.id, 'reset');
    await view(pane, 'the shell', (now) => !now.seen.opencode, 20_000);
  };

  const abandon = async (pane: Pane): Promise<void> => {
    if (panes.includes(pane)) panes.splice(panes.indexOf(pane), 1);
    await tmux.close(pane.id);
  };

  const nextWord = (pane: Pane): string => {
    const name = names[pane.index % names.length] ?? 'kiwi';
    return promptWord(name, seed, pane.index, pane.prompts + 1);
  };

  const prompt = async (pane: Pane, steps: string): Promise<string> => {
    const word = nextWord(pane);
    pane.prompts += 1;
    const activity = server.activities.of(word);
    await tmux.type(pane.id, promptText(word, steps));
    pane.word = word;
    for (let tries = 0; tries < 4 && activity.answers === 0; tries += 1) {
      if (tries > 0) await tmux.press(pane.id, 'Enter');
      await until('the model server to be asked', 15_000, () => activity.answers || undefined).catch(() => 0);
    }
    await view(pane, `the prompt ${word} at work`, () => activity.answers > 0, 100);
    return word;
  };

  return {
    version,
    seed,
    sandbox,
    server,
    tmux,
    panes,
    watcher,
    start,
    pidOf,
    end,
    prompt,
    until: view,
    type: (pane, text) => tmux.type(pane.id, text),
    shell,
    nextWord,
    async open(opening) {
      const pane = await shell(opening);
      panes.push(pane);
      await start(pane, opening.command ?? 'opencode');
      return pane;
    },
    release(pane) {
      if (pane.word !== undefined) server.release(pane.word);
    },
    abandon,
    async close(pane) {
      await end(pane);
      await abandon(pane);
    },
    async stop() {
      await watcher.stop();
      await tmux.stop();
      server.close();
      await endMarked(sandbox.mark);
      await sandbox.remove();
    },
  };
}
