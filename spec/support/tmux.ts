import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './wait.ts';

/** A tmux server for one spec, with one pane. */
export interface TmuxPane {
  /** Presses these keys, named as for tmux's `send-keys`. */
  keys(...keys: readonly string[]): void;
  /** Pastes text, as a bracketed paste if the program has enabled it. */
  paste(text: string): void;
  text(): string;
  resize(cols: number, rows: number): void;
  /** Alternate screen, cursor and mouse modes: `1 0 1` while a full-screen program runs, `0 1 0` in a shell. */
  modes(): string;
  /** The pane's terminal, such as `/dev/pts/4`. */
  terminal(): string;
  /** Resolves with the pane's text when it satisfies a condition; rejects with the last text after `waitMs`. */
  until(condition: (text: string) => boolean): Promise<string>;
  close(): void;
}

/** Opens a pane of a size in which the shell runs `command`. */
export function openPane(socket: string, cols: number, rows: number, command: string): TmuxPane {
  // tmux does not delete its sockets, so they get a folder that is removed.
  const folder = mkdtempSync(join(tmpdir(), 'otop-tmux-'));
  const run = (...args: readonly string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, TMUX_TMPDIR: folder },
    });
  run('new-session', '-d', '-x', String(cols), '-y', String(rows), command);
  const pane: TmuxPane = {
    keys: (...keys) => void run('send-keys', ...keys),
    paste(text) {
      run('set-buffer', text);
      run('paste-buffer', '-p');
    },
    text: () => run('capture-pane', '-p'),
    resize: (width, height) => void run('resize-window', '-x', String(width), '-y', String(height)),
    modes: () => run('display', '-p', '#{alternate_on} #{cursor_flag} #{mouse_any_flag}').trim(),
    terminal: () => run('display', '-p', '#{pane_tty}').trim(),
    async until(condition) {
      let text = '';
      const look = () => {
        text = pane.text();
        return condition(text);
      };
      await until('such a pane', look, () => `\n${text}`);
      return text;
    },
    close() {
      try {
        run('kill-server');
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
  return pane;
}
