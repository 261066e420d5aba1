import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../lib/system/clock.ts';
import { linuxWorld } from '../sources/process/fake-proc.ts';
import { startMs } from '../sources/process/world.ts';
import { runCommandIn } from './command.ts';
import { emptyMachine } from './machine.ts';
import { OpencodeDatabase } from './opencode-database.ts';
import { ReleasedServer } from './released-server.ts';
import { SessionWriterV2 } from './session-writer-v2.ts';

/** The pid of the service. */
const servicePid = 700;

/**
 * A home with a released service of opencode 2 and one session in `/home/u/project`: its database, its API and its process,
 * by the stand-ins of each. The service has no note until `writeNote`, so otop does not know its password.
 */
export class ReleasedWorld {
  readonly home = mkdtempSync(join(tmpdir(), 'otop-service-home-'));
  readonly processes = linuxWorld();
  readonly db: OpencodeDatabase;
  readonly server: ReleasedServer;
  readonly writer: SessionWriterV2;

  private constructor(server: ReleasedServer) {
    this.server = server;
    const share = join(this.home, '.local/share/opencode');
    mkdirSync(share, { recursive: true });
    this.db = new OpencodeDatabase(join(share, 'opencode.db'), '2.0');
    this.writer = new SessionWriterV2(this.db, { build: 'released', atMs: startMs, title: 'Tidy the shop' });
    this.processes.put({
      pid: servicePid,
      argv: ['opencode', 'serve', '--service'],
      executable: '/usr/bin/opencode',
      cwd: this.home,
      files: [{ fd: 20, path: this.db.path }],
      listensOn: server.port,
    });
  }

  static async start(): Promise<ReleasedWorld> {
    return new ReleasedWorld(await new ReleasedServer().start());
  }

  /** Claims the session, in the database and over the API. */
  begin(): SessionWriterV2 {
    this.server.begin(this.writer.id, '/home/u/project');
    return this.writer.claim();
  }

  /** Writes the note with the password. */
  writeNote(): void {
    const folder = join(this.home, '.local/state/opencode');
    mkdirSync(folder, { recursive: true });
    const { version, url, password } = this.server;
    const note = { id: 'a', version, url, pid: servicePid, password };
    writeFileSync(join(folder, 'service.json'), JSON.stringify(note), { mode: 0o600 });
  }

  /** Ends the service as a kill does: its note and its claims stay. */
  async kill(): Promise<void> {
    this.processes.end(servicePid);
    await this.server.close();
  }

  /** Runs an otop command at this time, epoch ms. */
  otop(nowMs: number, ...args: string[]) {
    const clock: Clock = { ...systemClock, nowMs: () => nowMs };
    const machine = { ...emptyMachine, procRoot: this.processes.root };
    return runCommandIn(args, { HOME: this.home, TMPDIR: this.home }, clock, false, machine);
  }

  async close(): Promise<void> {
    this.db.close();
    this.processes.close();
    await this.server.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}
