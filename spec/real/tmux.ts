import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Sandbox } from './sandbox.ts';
import { openTmuxControl } from './tmux-control.ts';

const run = promisify(execFile);

/** The rig's tmux server, with one pane per session. */
export interface Tmux {
  /** `$TMUX` for a program that runs as if inside this server. */
  readonly variable: string;
  /** Opens a pane with a shell and returns its id, `%3`. */
  open(name: string, cwd: string, columns: number, lines: number): Promise<string>;
  /** Types text, then Enter half a second later: opencode reads an immediate Enter as part of a paste. */
  type(pane: string, text: string): Promise<void>;
  /** Presses keys with tmux's names, `Escape`, `C-c`. */
  press(pane: string, ...keys: string[]): Promise<void>;
  /** Returns the visible text of these panes in order; '' for a pane that is gone. */
  capture(panes: readonly string[]): Promise<readonly string[]>;
  /** Returns the pid of the pane's shell, `session:window.pane` and the title. */
  describe(pane: string): Promise<{ shellPid: number; target: string; title: string }>;
  close(pane: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the server with a socket in the sandbox and without the user's tmux.conf. */
export async function startTmux(sandbox: Sandbox): Promise<Tmux> {
  const base = ['-L', 'rig', '-f', '/dev/null'];
  const size = ['-x', '80', '-y', '24'];
  await run('tmux', [...base, 'new-session', '-d', '-s', 'keeper', ...size, 'cat'], { env: sandbox.env });
  const { ask, close } = openTmuxControl(base, 'keeper', sandbox.env);
  const pid = await ask('display-message', '-p', '#{pid}');
  const socket = join(sandbox.env.TMUX_TMPDIR ?? '', `tmux-${process.getuid?.() ?? 0}`, 'rig');
  return {
    variable: `${socket},${pid},0`,
    async open(name, cwd, columns, lines) {
      const size = ['-x', `${columns}`, '-y', `${lines}`];
      const shell = ['bash', '--norc', '--noprofile', '-i'];
      const pane = await ask(
        'new-session',
        '-d',
        '-s',
        name,
        '-c',
        cwd,
        ...size,
        '-P',
        '-F',
        '#{pane_id}',
        ...shell,
      );
      if (pane === '') throw new Error(`tmux opens no pane ${name}`);
      return pane;
    },
    async type(pane, text) {
      const [word = ''] = text.split(' ');
      // On a busy machine a TUI can lose the first key of a text: then the line is deleted and typed again.
      for (let tries = 0; tries < 3; tries += 1) {
        await ask('send-keys', '-t', pane, '-l', text);
        await sleep(500);
        if ((await ask('capture-pane', '-p', '-t', pane)).includes(word)) break;
        if (tries < 2) await ask('send-keys', '-t', pane, 'C-u');
      }
      await ask('send-keys', '-t', pane, 'Enter');
    },
    async press(pane, ...keys) {
      await ask('send-keys', '-t', pane, ...keys);
    },
    capture: (panes) => Promise.all(panes.map((pane) => ask('capture-pane', '-p', '-t', pane))),
    async describe(pane) {
      const format = '#{pane_pid}\t#{session_name}:#{window_index}.#{pane_index}\t#{pane_title}';
      const [shellPid, target = '', title = ''] = (
        await ask('display-message', '-p', '-t', pane, format)
      ).split('\t');
      return { shellPid: Number(shellPid), target, title };
    },
    async close(pane) {
      await ask('kill-pane', '-t', pane);
    },
    async stop() {
      await ask('kill-server');
      close();
    },
  };
}
