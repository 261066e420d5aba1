import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../lib/system/clock.ts';
import { linuxWorld } from '../sources/process/fake-proc.ts';
import { startMs } from '../sources/process/world.ts';
import { runCommandIn } from '../support/command.ts';
import { emptyMachine } from '../support/machine.ts';
import { OpencodeDatabase } from '../support/opencode-database.ts';
import { ReleasedServer } from '../support/released-server.ts';
import { SessionWriterV2 } from '../support/session-writer-v2.ts';

const clock: Clock = { ...systemClock, nowMs: () => startMs + 60_000 };
let home: string;
let world: ReturnType<typeof linuxWorld>;
let server: ReleasedServer;
let db: OpencodeDatabase;
let writer: SessionWriterV2;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'otop-service-home-'));
  const share = join(home, '.local/share/opencode');
  mkdirSync(share, { recursive: true });
  db = new OpencodeDatabase(join(share, 'opencode.db'), '2.0');
  writer = new SessionWriterV2(db, { build: 'released', atMs: startMs, title: 'Tidy the shop' });
  writer.claim().prompt('Go').step();
  server = await new ReleasedServer().start();
  server.begin(writer.id, '/home/u/project');
  world = linuxWorld();
  world.put({
    pid: 700,
    argv: ['opencode', 'serve', '--service'],
    executable: '/usr/bin/opencode',
    cwd: home,
    files: [{ fd: 20, path: db.path }],
    listensOn: server.port,
  });
});

afterEach(async () => {
  db.close();
  world.close();
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const otop = (...args: string[]) =>
  runCommandIn(args, { HOME: home, TMPDIR: home }, clock, false, {
    ...emptyMachine,
    procRoot: world.root,
  });

function writeNote(): void {
  const folder = join(home, '.local/state/opencode');
  mkdirSync(folder, { recursive: true });
  const note = { id: 'a', version: '2.0.18', url: server.url, pid: 700, password: 'secret' };
  writeFileSync(join(folder, 'service.json'), JSON.stringify(note), { mode: 0o600 });
}

const runTool = () => writer.content(writer.tool('shell', { command: 'make test' }));

describe('a service of opencode 2 that otop cannot ask', () => {
  it('makes `waiting` unsure while a tool runs, and says why', async () => {
    runTool();
    expect(await otop('waiting')).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /^otop: server: Tidy the shop may be asking, and the asks of pid 700 cannot be seen: it needs a password/,
      ),
    });
    expect(await otop('waiting', '-q')).toEqual({ code: 2, out: '', err: '' });
  });

  it('does not make it unsure while no tool runs', async () => {
    expect(await otop('waiting')).toEqual({ code: 1, out: '', err: '' });
  });

  it('is named by `doctor` and `why`, and marks the row', async () => {
    runTool();
    const lines = (await otop('doctor')).out.split('\n').map((line) => line.replace(/ {2,}/g, ' '));
    expect(lines.filter((line) => /^\w+ (database|servers) /.test(line))).toEqual([
      expect.stringMatching(/^ok database .*, tables of opencode 1 and 2$/),
      expect.stringMatching(
        /^warning servers pid 700, opencode of unknown version: it needs a password.*; its permissions cannot be seen$/,
      ),
    ]);
    expect((await otop('why', writer.id)).out).toContain(
      '  asks     may ask for a permission, which cannot be seen: it needs a password',
    );
    expect((await otop('--once', '--size', '120x20')).out).toContain('tool use?');
  });
});

describe('a service of opencode 2 that otop asks', () => {
  beforeEach(() => {
    writeNote();
    runTool();
  });

  it('tells of its asks', async () => {
    expect(await otop('waiting')).toEqual({ code: 1, out: '', err: '' });
    server.askPermission(writer.id, { resources: ['make test'] });
    const { code, out } = await otop('waiting');
    expect([code, out]).toEqual([0, expect.stringContaining('Tidy the shop')]);
  });

  it('tells its version and the API that it speaks', async () => {
    const { out } = await otop('doctor');
    expect(out).toMatch(/opencode +running: 1 opencode 2\.0\.18 service \(700\)$/m);
    expect(out).toMatch(/servers +pid 700, opencode 2\.0\.18: the released API, last heard /);
    const config = join(home, 'config.jsonc');
    writeFileSync(config, '{ "columns": ["title", "version"] }');
    const frame = await otop('--once', '--size', '120x20', '--config', config);
    expect(frame.out).toMatch(/Tidy the shop +2\.0\.18/);
  });
});
