import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generate } from '../generate.ts';
import { BenchTmux } from './bench-tmux.ts';
import { BenchFleet } from './fleet.ts';

/** A home directory with a fleet in a tmux server of its own, and the environment that a monitor is started in. */
export class BenchStage {
  readonly folder: string;
  readonly fleet: BenchFleet;
  readonly env: NodeJS.ProcessEnv;
  readonly #tmux: BenchTmux;
  /** Where a measurement is broken off, its stand-ins would be there for the next one to see. */
  readonly #end = () => {
    this.#tmux.close();
    rmSync(this.folder, { recursive: true, force: true });
  };

  /** With `databaseBytes` the fleet's sessions lie in a database of that size, among thousands of old ones. */
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
