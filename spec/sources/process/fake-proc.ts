import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openProcesses } from '../../../lib/sources/process/source.ts';
import type { Run } from '../../../lib/system/run-program.ts';
import { type Invented, startMs, type World } from './world.ts';

const bootedAtMs = startMs - 3_600_000;

function ticks(ms: number): number {
  return Math.round(ms / 10);
}

/** The device number of a terminal: `pts/3` has major 136 and minor 3. */
function ttyNumber(tty: string | undefined): number {
  return tty === undefined ? 0 : 136 * 256 + Number(tty.slice('pts/'.length));
}

function statLine(process: Invented): string {
  const name = (process.name ?? basename(process.executable)).slice(0, 15);
  const { pid, parentPid = 1, startedAtMs = startMs - 60_000, cpuMs = 0, rssBytes = 0 } = process;
  const fields = new Array<number | string>(50).fill(0);
  fields.splice(0, 5, 'S', parentPid, pid, pid, ttyNumber(process.tty));
  fields[11] = ticks(cpuMs);
  fields[19] = ticks(startedAtMs - bootedAtMs);
  fields[21] = rssBytes / 4096;
  return `${pid} (${name}) ${fields.join(' ')}\n`;
}

/** Writes the folder of one process, in the form of `/proc`. */
function writeProcess(root: string, process: Invented): void {
  const folder = join(root, String(process.pid));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'fd'), { recursive: true });
  mkdirSync(join(folder, 'fdinfo'));
  const link = (target: string, name: string) => symlinkSync(target, join(folder, name));
  writeFileSync(join(folder, 'stat'), statLine(process));
  writeFileSync(join(folder, 'cmdline'), process.argv.map((word) => `${word}\0`).join(''));
  const environment = Object.entries(process.environment ?? {});
  writeFileSync(join(folder, 'environ'), environment.map(([name, value]) => `${name}=${value}\0`).join(''));
  link(process.executable, 'exe');
  link(process.cwd ?? '/', 'cwd');
  const standard = process.tty ? [0, 1, 2].map((fd) => ({ fd, path: `/dev/${process.tty}` })) : [];
  const socket = process.listensOn === undefined ? [] : [{ fd: 40, path: `socket:[${process.pid}]` }];
  for (const file of [...standard, ...socket, ...(process.files ?? [])]) {
    link(file.path, `fd/${file.fd}`);
    const position = 'positionBytes' in file ? file.positionBytes : 0;
    writeFileSync(join(folder, `fdinfo/${file.fd}`), `pos:\t${position}\nflags:\t0102001\n`);
  }
}

function netTable(processes: Iterable<Invented>): string {
  const lines = [...processes].flatMap(({ pid, listensOn }, at) => {
    if (listensOn === undefined) return [];
    const port = listensOn.toString(16).toUpperCase().padStart(4, '0');
    return [
      `   ${at}: 0100007F:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 0 ${pid} 1 0 100 0`,
    ];
  });
  return `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n${lines.join('\n')}\n`;
}

/** A Linux machine with invented processes: `root` is its `/proc`, in a temporary folder. */
export function linuxWorld(
  run: Run = async () => ({ kind: 'not found' }),
): World & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'otop-spec-proc-'));
  const processes = new Map<number, Invented>();
  let passedMs = 0;
  mkdirSync(join(root, 'net'));
  const writeMachine = () => {
    writeFileSync(join(root, 'net/tcp'), netTable(processes.values()));
    writeFileSync(join(root, 'uptime'), `${(startMs + passedMs - bootedAtMs) / 1000} 0.00\n`);
    writeFileSync(join(root, 'stat'), `cpu  0 0 0\nbtime ${bootedAtMs / 1000}\n`);
  };
  const put = (process: Invented) => {
    processes.set(process.pid, process);
    writeProcess(root, process);
    writeMachine();
  };
  put({ pid: 1, parentPid: 0, argv: ['/sbin/init'], executable: '/sbin/init', startedAtMs: bootedAtMs });
  return {
    root,
    source: openProcesses({
      platform: 'linux',
      procRoot: root,
      environment: { TMUX_TMPDIR: root },
      userId: 1000,
      monotonicMs: () => passedMs,
      loadPerCore: () => 0.5,
      typedAtMs: () => undefined,
      run,
    }),
    get nowMs() {
      return startMs + passedMs;
    },
    put,
    end(pid) {
      processes.delete(pid);
      rmSync(join(root, String(pid)), { recursive: true });
      writeMachine();
    },
    pass(ms) {
      passedMs += ms;
      writeMachine();
    },
    close() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
