import { execFileSync } from 'node:child_process';

/** A tmux server of the bench's own, with nothing of the person's configuration. */
export class BenchTmux {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A session whose window has this size, running a program; the server starts with the first one. */
  session(name: string, cols: number, rows: number, cwd: string, command: readonly string[]): void {
    this.run('new-session', '-d', '-s', name, '-x', String(cols), '-y', String(rows), '-c', cwd, ...command);
  }

  /** One more window in the session `fleet`. */
  window(cwd: string, command: readonly string[]): void {
    this.run('new-window', '-d', '-t', 'fleet:', '-c', cwd, ...command);
  }

  /** The process that a session's first pane runs. */
  pid(name: string): number {
    return Number(this.run('display', '-p', '-t', `${name}:`, '#{pane_pid}').trim());
  }

  text(name: string): string {
    return this.run('capture-pane', '-p', '-t', `${name}:`);
  }

  keys(name: string, ...keys: readonly string[]): void {
    this.run('send-keys', '-t', `${name}:`, ...keys);
  }

  /** Everything that the pane's program writes goes to this file too, byte by byte as it comes. */
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
