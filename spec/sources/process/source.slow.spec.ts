import { type ChildProcess, spawn } from 'node:child_process';
import { constants, copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { openProcesses } from '../../../lib/sources/process/source.ts';
import { runCommand } from '../../../lib/system/run-program.ts';
import { type ProcFolder, procFolder } from '../../support/machine.ts';
import { eventOf } from '../../support/wait.ts';

/**
 * The script `serve` that a copy of Node named opencode runs. Like a real server it has a database and a log open, writes
 * to the log, listens on a port and has a child.
 */
const script = `
const fs = require('node:fs'), net = require('node:net'), path = require('node:path');
const share = path.join(__dirname, 'share/opencode');
fs.mkdirSync(path.join(share, 'log'), { recursive: true });
fs.openSync(path.join(share, 'opencode.db'), 'a');
const log = fs.openSync(path.join(share, 'log/opencode.log'), 'a');
fs.writeSync(log, 'timestamp=2026-11-22T14:00:00.000Z level=INFO run=4d501bd1 message=init\\n');
const child = require('node:child_process').spawn('sleep', ['60']);
process.on('SIGTERM', () => { child.kill(); process.exit(0); });
net.createServer().listen(0, '127.0.0.1', function () { console.log(JSON.stringify([this.address().port, child.pid])); });
`;

// Linux has real `ps` and `lsof`, too, and ps-list and pidusage work with them as on macOS.
describe.each(['linux', 'darwin'] as const)('this machine, read as on %s', (platform) => {
  let folder: string;
  let proc: ProcFolder;
  let opencode: ChildProcess;
  let port: number;
  let childPid: number;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'otop-spec-machine-')));
    const program = join(folder, 'opencode');
    copyFileSync(process.execPath, program, constants.COPYFILE_FICLONE);
    writeFileSync(join(folder, 'serve'), script);
    opencode = spawn(program, ['serve'], {
      cwd: folder,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (opencode.stdout === null) throw new Error('opencode has no stdout');
    const [line] = await eventOf(opencode.stdout, 'data');
    [port, childPid] = JSON.parse(String(line));
    proc = procFolder();
    for (const pid of [opencode.pid ?? 0, childPid]) proc.add(pid);
  });

  afterAll(async () => {
    const ended = eventOf(opencode, 'exit');
    opencode.kill();
    await ended;
    rmSync(folder, { recursive: true });
    proc.remove();
  });

  it('shows a running process with all its properties', async () => {
    const source = openProcesses({
      platform,
      procRoot: proc.path,
      environment: { TMUX_TMPDIR: folder },
      userId: process.getuid?.(),
      monotonicMs: () => performance.now(),
      loadPerCore: () => 5,
      typedAtMs: () => undefined,
      run: runCommand,
    });
    const own = ({ pid }: OpencodeProcess) => pid === opencode.pid;
    const found = (await source.sample('full', Date.now())).processes.find(own);
    const again = (await source.sample('known', Date.now())).processes.find(own);
    source.close();
    expect(found).toMatchObject({ parentPid: process.pid, kind: 'serve', args: ['serve'], orphan: false });
    expect(found?.rssBytes).toBeGreaterThan(10 * 2 ** 20);
    expect(Math.abs(Date.now() - (found?.startedAtMs ?? 0))).toBeLessThan(60_000);
    expect(found?.children).toMatchObject([{ pid: childPid, command: 'sleep 60' }]);
    expect(again?.startedAtMs).toBe(found?.startedAtMs);
    const files = {
      cwd: folder,
      databases: [join(folder, 'share/opencode/opencode.db')],
      logs: [{ path: join(folder, 'share/opencode/log/opencode.log') }],
      ports: [port],
    };
    // Without lsof the process is still there, and says which parts are missing.
    if (found?.missing.length === 0) expect(found).toMatchObject(files);
    else expect(found?.missing).toEqual([expect.stringContaining('lsof')]);
  });
});
