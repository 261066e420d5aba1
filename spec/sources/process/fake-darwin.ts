import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcesses } from '../../../lib/sources/process/source.ts';
import { runCommand } from '../../../lib/system/run-program.ts';
import { type Invented, startMs, type World } from './world.ts';

/** A `ps` for the calls of ps-list and pidusage. Like the real one it exits with 1 if no process is left. */
const fakePs = `#!/bin/sh
here=$(dirname "$0")
case "$*" in
  *lstart*) cat "$here/table.txt" ;;
  *args*) cat "$here/args.txt" ;;
  *etime*) cat "$here/usage.txt"; [ "$(wc -l < "$here/usage.txt")" -gt 1 ] ;;
  *) echo "unexpected: ps $*" >&2; exit 64 ;;
esac
`;

/** If one of the processes is gone, lsof exits with 1 and still prints the others. */
const fakeLsof = `#!/bin/sh
cat "$(dirname "$0")/lsof.txt"
exit 1
`;

/** Creates a folder for the PATH, with programs that print the given files. */
export function fakeCommands(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'otop-spec-darwin-'));
  for (const [name, text] of Object.entries({ ps: fakePs, lsof: fakeLsof, ...files })) {
    writeFileSync(join(folder, name), text);
    if (!name.endsWith('.txt')) chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

function clockText(totalMs: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(totalMs / 60_000)}:${two((totalMs / 1000) % 60)}`;
}

/** `Sun Nov 22 14:00:00 2026`: local time, as ps prints it. */
function lstart(ms: number): string {
  const [day, month, date, year, time] = new Date(ms).toString().split(' ');
  return `${day} ${month} ${date} ${time} ${year}`;
}

function lsofText({ pid, cwd = '/', tty, files = [], listensOn }: Invented): string {
  const standard = tty === undefined ? [] : [0, 1, 2].map((fd) => `f${fd}\ntCHR\no0t0\nn/dev/${tty}\n`);
  const open = files.map(
    ({ fd, path, positionBytes = 0 }) => `f${fd}\ntREG\no0t${positionBytes}\nn${path}\n`,
  );
  const socket =
    listensOn === undefined ? '' : `f40\ntIPv4\no0t0\nPTCP\nn127.0.0.1:${listensOn}\nTST=LISTEN\nTQR=0\n`;
  return `p${pid}\nfcwd\ntDIR\nn${cwd}\n${standard.join('')}${open.join('')}${socket}`;
}

/** A Mac with invented processes: fake `ps` and `lsof` in the PATH print them. `close` restores the PATH. */
export function darwinWorld(): World {
  const processes = new Map<number, Invented>();
  const folder = fakeCommands({ 'table.txt': '', 'args.txt': '', 'usage.txt': '', 'lsof.txt': '' });
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
  let passedMs = 0;
  const write = () => {
    const all = [...processes.values()];
    const lines = (lineOf: (process: Invented) => string) => all.map((each) => `${lineOf(each)}\n`).join('');
    const started = ({ startedAtMs = startMs - 60_000 }: Invented) => startedAtMs;
    const files = {
      'table.txt': lines(
        (p) => `${p.pid} ${p.parentPid ?? 1} 501 0.0 0.1 ${lstart(started(p))} ${p.executable}`,
      ),
      'args.txt': lines((p) => `${p.pid} ${p.argv.join(' ')}`),
      'usage.txt': `ELAPSED PID PPID %CPU RSS TIME\n${lines((p) => {
        const elapsed = clockText(startMs + passedMs - started(p));
        const cpu = `${clockText(p.cpuMs ?? 0)}.${String(Math.floor(((p.cpuMs ?? 0) % 1000) / 10)).padStart(2, '0')}`;
        return `${elapsed} ${p.pid} ${p.parentPid ?? 1} 0.0 ${(p.rssBytes ?? 0) / 1024} ${cpu}`;
      })}`,
      'lsof.txt': all.map(lsofText).join(''),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  };
  return {
    source: openProcesses({
      platform: 'darwin',
      procRoot: '/nowhere',
      environment: { TMUX_TMPDIR: folder },
      userId: 501,
      monotonicMs: () => passedMs,
      loadPerCore: () => 0.5,
      typedAtMs: () => undefined,
      run: runCommand,
    }),
    get nowMs() {
      return startMs + passedMs;
    },
    put(invented) {
      processes.set(invented.pid, invented);
      write();
    },
    end(pid) {
      processes.delete(pid);
      write();
    },
    pass(ms) {
      passedMs += ms;
      write();
    },
    close() {
      this.source.close();
      process.env.PATH = path;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
