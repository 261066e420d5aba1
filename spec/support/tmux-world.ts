import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './wait.ts';

/** Several tmux servers for one spec, with their sockets in a temporary folder. */
export class TmuxWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'otop-tmux-world-'));
  readonly #started = new Set<string>();

  /** Runs one tmux command on the server with this name and returns its output. */
  run(server: string, ...args: readonly string[]): string {
    this.#started.add(server);
    return execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, TMUX_TMPDIR: this.folder },
    }).trim();
  }

  /** Opens a pane in a new session, with a program that waits, and returns the pane's id. */
  session(server: string, name: string, command = 'cat'): string {
    return this.run(server, 'new-session', '-d', '-P', '-F', '#{pane_id}', '-s', name, command);
  }

  /** Attaches a client of `server` to a session, in a new pane of `outer`; resolves to that pane when it is attached. */
  async attach(server: string, session: string, outer: string, outerSession: string): Promise<string> {
    const before = this.clients(server).length;
    const attach = `TMUX= TMUX_TMPDIR=${this.folder} tmux -L ${server} attach -t ${session}`;
    const pane = this.session(outer, outerSession, attach);
    await until(`a client of ${server}`, () => this.clients(server).length > before);
    return pane;
  }

  clients(server: string): readonly string[] {
    return this.run(server, 'list-clients', '-F', '#{client_tty} #{pane_id}').split('\n').filter(Boolean);
  }

  /** Returns the server's `#{socket_path}`. */
  socket(server: string): string {
    return this.run(server, 'display-message', '-p', '#{socket_path}');
  }

  close(): void {
    for (const server of this.#started) {
      try {
        this.run(server, 'kill-server');
      } catch {
        // The server has ended with its last pane.
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
