import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generate } from '../generate.ts';
import { BenchTmux } from './bench-tmux.ts';
import { BenchFleet } from './fleet.ts';

/** A home directory with a fleet in its own tmux server, and the environment of the monitors. */
export class BenchStage {
  readonly folder: string;
  readonly fleet: BenchFleet;
  readonly env: NodeJS.ProcessEnv;
  readonly #tmux: BenchTmux;
  /** Also runs at exit: stand-ins of an aborted measurement would disturb the next one. */
  readonly #end = () => {
    this.#tmux.close();
    rmSync(this.folder, { recursive: true, force: true });
  };

  /** With `databaseBytes`, the database has that size and contains many old sessions too. */
  constructor(sessionCount: number, databaseBytes?: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'otop-bench-'));
    this.env = { PATH: process.env.PATH, HOME: this.folder, LANG: 'C.UTF-8', TMUX_TMPDIR: this.folder };
    const path = join(this.folder, '.local/share/opencode/opencode.db');
    mkdirSync(dirname(path), { recursive: true });
    if (databaseBytes !== undefined) generate(path, '1.18.33', databaseBytes, Date.now());
    this.#tmux = new BenchTmux(this.folder);
    this.#tmux.session('fleet', 80, 24, this.folder, ['cat']);
    process.once('exit', this.#end);
    this.fleet = new BenchFleet(this.folder, this.#tmux, sessionCount, path);
  }

  close(): void {
    process.off('exit', this.#end);
    this.fleet.close();
    this.#end();
  }
}
