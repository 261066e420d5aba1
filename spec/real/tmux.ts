import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Sandbox } from './sandbox.ts';

const run = promisify(execFile);

/** A tmux server of the rig's own, with one pane a session. */
export interface Tmux {
  /** `$TMUX` for a program that runs as if inside of it. */
  readonly variable: string;
  /** Opens a pane with a shell and gives its id, `%3`. */
  open(name: string, cwd: string, columns: number, lines: number): Promise<string>;
  /** Types text, and after half a second Enter: opencode takes an Enter that comes at once for part of a paste. */
  type(pane: string, text: string): Promise<void>;
  /** Presses keys by tmux's names, `Escape`, `C-c`. */
  press(pane: string, ...keys: string[]): Promise<void>;
  /** The visible text of all these panes, in order, at one instant; '' for one that is gone. */
  capture(panes: readonly string[]): Promise<readonly string[]>;
  /** Pid of the pane's shell, and `session:window.pane`. */
  describe(pane: string): Promise<{ shellPid: number; target: string; title: string }>;
  close(pane: string): Promise<void>;
  stop(): Promise<void>;
}

const separator = '=====otop-rig=====';

/** Starts the server, on a socket in the sandbox and without the user's tmux.conf. */
export async function startTmux(sandbox: Sandbox): Promise<Tmux> {
  const tmux = async (...args: string[]): Promise<string> => {
    const base = ['-L', 'rig', '-f', '/dev/null'];
    const { stdout } = await run('tmux', [...base, ...args], { env: sandbox.env, timeout: 10_000 });
    return stdout;
  };
  await tmux('new-session', '-d', '-s', 'keeper', '-x', '80', '-y', '24', 'cat');
  const pid = (await tmux('display-message', '-p', '#{pid}')).trim();
  const socket = join(sandbox.env.TMUX_TMPDIR ?? '', `tmux-${process.getuid?.() ?? 0}`, 'rig');
  return {
    variable: `${socket},${pid},0`,
    async open(name, cwd, columns, lines) {
      const size = ['-x', `${columns}`, '-y', `${lines}`];
      const shell = ['bash', '--norc', '--noprofile', '-i'];
      const format = ['-P', '-F', '#{pane_id}'];
      return (await tmux('new-session', '-d', '-s', name, '-c', cwd, ...size, ...format, ...shell)).trim();
    },
    async type(pane, text) {
      await tmux('send-keys', '-t', pane, '-l', text);
      await sleep(500);
      await tmux('send-keys', '-t', pane, 'Enter');
    },
    async press(pane, ...keys) {
      await tmux('send-keys', '-t', pane, ...keys);
    },
    async capture(panes) {
      if (panes.length === 0) return [];
      const each = panes.flatMap((pane) => [
        'capture-pane',
        '-p',
        '-t',
        pane,
        ';',
        'display-message',
        '-p',
        separator,
        ';',
      ]);
      const text = await tmux(...each.slice(0, -1)).catch(() => '');
      const texts = text.split(`${separator}\n`);
      return panes.map((_, index) => texts[index] ?? '');
    },
    async describe(pane) {
      const format = '#{pane_pid}\t#{session_name}:#{window_index}.#{pane_index}\t#{pane_title}';
      const [shellPid, target = '', title = ''] = (await tmux('display-message', '-p', '-t', pane, format))
        .trimEnd()
        .split('\t');
      return { shellPid: Number(shellPid), target, title };
    },
    async close(pane) {
      await tmux('kill-pane', '-t', pane);
    },
    async stop() {
      await tmux('kill-server').catch(() => '');
    },
  };
}
