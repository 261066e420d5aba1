import { execFileSync } from 'node:child_process';

/** The bench's own tmux server, without the user's configuration. */
export class BenchTmux {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts a program in a new session of this size. The first session starts the server. */
  session(name: string, cols: number, rows: number, cwd: string, command: readonly string[]): void {
    this.run('new-session', '-d', '-s', name, '-x', String(cols), '-y', String(rows), '-c', cwd, ...command);
  }

  /** Starts a program in a new window of the session `fleet`. */
  window(cwd: string, command: readonly string[]): void {
    this.run('new-window', '-d', '-t', 'fleet:', '-c', cwd, ...command);
  }

  /** Returns the process number of a session's active pane. */
  pid(name: string): number {
    return Number(this.run('display', '-p', '-t', `${name}:`, '#{pane_pid}').trim());
  }

  text(name: string): string {
    return this.run('capture-pane', '-p', '-t', `${name}:`);
  }

  keys(name: string, ...keys: readonly string[]): void {
    this.run('send-keys', '-t', `${name}:`, ...keys);
  }

  /** Also appends all output of the pane's program to this file, as it is written. */
  pipe(name: string, path: string): void {
    this.run('pipe-pane', '-t', `${name}:`, `exec cat >> '${path}'`);
  }

  end(name: string): void {
    this.run('kill-session', '-t', name);
  }

  close(): void {
    this.run('kill-server');
  }

  run(...args: readonly string[]): string {
    const { TMUX: _outer, ...env } = process.env;
    return execFileSync('tmux', ['-L', 'bench', '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...env, TMUX_TMPDIR: this.#folder },
    });
  }
}
