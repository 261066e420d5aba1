import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { type DisplayText, sanitize } from '../../text/sanitize.ts';
import type { Descriptor } from './open-files.ts';
import { type ProcStat, parseStat } from './proc-stat.ts';

/** The reason of a failed read: the process has ended, or the system denies it with an error code. */
type Failure = { readonly kind: 'gone' } | { readonly kind: 'denied'; readonly code: string };
/** The result of reading a file of `/proc`. */
export type Attempt<T> = { readonly kind: 'read'; readonly value: T } | Failure;

/** The units of ticks and pages; the same for all processes of the machine. */
interface MachineUnits {
  readonly ticksPerSecond: number;
  readonly pageBytes: number;
}

/** Reads Linux's `/proc`. No method caches, and only `pids` throws: if `/proc` cannot be listed. */
export interface Proc {
  pids(): readonly number[];
  stat(pid: number): ProcStat | undefined;
  argv(pid: number): Attempt<readonly string[]>;
  executable(pid: number): Attempt<string>;
  workingDirectory(pid: number): Attempt<string>;
  descriptors(pid: number): Attempt<readonly Descriptor[]>;
  /** The path to read the file of a descriptor, even if the file was deleted. */
  descriptorPath(pid: number, fd: number): string;
  /** The file offset of a descriptor (`fdinfo`, `pos:`); undefined if it cannot be read. */
  positionBytes(pid: number, fd: number): number | undefined;
  environment(pid: number): Attempt<ReadonlyMap<string, string>>;
  userId(pid: number): number | undefined;
  /** Listening TCP ports of this network namespace, by socket inode. */
  listeningPorts(): ReadonlyMap<number, number>;
  /** The boot time by the current wall clock; undefined if it cannot be read. */
  bootedAtMs(nowMs: number): number | undefined;
  units(): MachineUnits;
}

// A command line may have megabytes, but only its first arguments are used. In /proc/net/tcp the listening sockets come
// first.
const maxFileBytes = 256 * 1024;
const buffer = Buffer.alloc(maxFileBytes);

/**
 * The bytes of a file, valid until the next call. On `/proc` this takes a third of the time of `readFileSync`, which
 * asks for the size first (always 0). Reads until the end, since such files may come in pieces.
 */
function readBytes(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    let length = 0;
    while (length < maxFileBytes) {
      const count = readSync(fd, buffer, length, maxFileBytes - length, null);
      if (count === 0) break;
      length += count;
    }
    return buffer.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

function readText(path: string): string {
  return readBytes(path).toString('utf8');
}

function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { kind: 'read', value: read() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' || code === 'ESRCH' ? { kind: 'gone' } : { kind: 'denied', code };
  }
}

/** The value that was read; undefined if the read failed. */
export function readValue<T>(result: Attempt<T>): T | undefined {
  return result.kind === 'read' ? result.value : undefined;
}

/** Splits the text of `cmdline` or `environ`: a NUL ends each string, except sometimes the last one. */
function nulSeparated(text: string): readonly string[] {
  return text === '' ? [] : (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
}

/** Parses `/proc/net/tcp` or `tcp6`; returns inode and local port of each socket in state LISTEN (0A). */
function listenersIn(table: string): readonly (readonly [number, number])[] {
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== '0A' || !local || !inode) return [];
    return [[Number(inode), Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)] as const];
  });
}

/**
 * Tick and page size from the auxiliary vector of otop itself (getauxval(3): AT_PAGESZ 6, AT_CLKTCK 17), to avoid running
 * `getconf` twice; 100 and 4096 if it cannot be read.
 */
function unitsFrom(auxiliaryVector: Buffer): MachineUnits {
  const units = { ticksPerSecond: 100, pageBytes: 4096 };
  for (let at = 0; at + 16 <= auxiliaryVector.length; at += 16) {
    const type = auxiliaryVector.readBigUInt64LE(at);
    const value = Number(auxiliaryVector.readBigUInt64LE(at + 8));
    if (type === 17n) units.ticksPerSecond = value;
    if (type === 6n) units.pageBytes = value;
  }
  return units;
}

function environmentOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    nulSeparated(text).map((entry) => {
      const equals = entry.indexOf('=');
      return [entry.slice(0, equals), entry.slice(equals + 1)] as const;
    }),
  );
}

/** The time since boot; like the start times of processes, it includes the time of suspension. */
function uptimeMs(root: string): number | undefined {
  const seconds = Number.parseFloat(readValue(attempt(() => readText(`${root}/uptime`))) ?? '');
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** The boot time. The uptime is more exact than `btime` (whole seconds), but some containers (lxcfs) show their own. */
function bootedAtMs(root: string, nowMs: number): number | undefined {
  const btime = /^btime (\d+)$/m.exec(readValue(attempt(() => readText(`${root}/stat`))) ?? '')?.[1];
  const uptime = uptimeMs(root);
  const byUptimeMs = uptime === undefined ? undefined : nowMs - uptime;
  if (btime === undefined) return byUptimeMs;
  const byClockMs = Number(btime) * 1000;
  return byUptimeMs !== undefined && Math.abs(byClockMs - byUptimeMs) < 2000 ? byUptimeMs : byClockMs;
}

function pidsIn(root: string): readonly number[] {
  const pids: number[] = [];
  for (const name of readdirSync(root)) {
    const first = name.charCodeAt(0);
    if (first >= 0x31 && first <= 0x39) pids.push(Number(name));
  }
  return pids;
}

function descriptorsIn(folder: string): readonly Descriptor[] {
  return readdirSync(folder).flatMap((name) => {
    const target = readValue(attempt(() => readlinkSync(`${folder}/${name}`)));
    return target === undefined ? [] : [{ fd: Number(name), target }];
  });
}

/** Creates a reader of the `/proc` tree at `root`. */
export function openProc(root: string): Proc {
  const of = (pid: number, name: string) => `${root}/${pid}/${name}`;
  const units = unitsFrom(readValue(attempt(() => readBytes('/proc/self/auxv'))) ?? Buffer.alloc(0));
  return {
    pids: () => pidsIn(root),
    stat: (pid) => parseStat(readValue(attempt(() => readText(of(pid, 'stat')))) ?? ''),
    argv: (pid) => attempt(() => nulSeparated(readText(of(pid, 'cmdline')))),
    executable: (pid) => attempt(() => readlinkSync(of(pid, 'exe'))),
    workingDirectory: (pid) => attempt(() => readlinkSync(of(pid, 'cwd'))),
    descriptors: (pid) => attempt(() => descriptorsIn(of(pid, 'fd'))),
    descriptorPath: (pid, fd) => of(pid, `fd/${fd}`),
    positionBytes: (pid, fd) => {
      const position = /^pos:\s*(\d+)/m.exec(
        readValue(attempt(() => readText(of(pid, `fdinfo/${fd}`)))) ?? '',
      )?.[1];
      return position === undefined ? undefined : Number(position);
    },
    environment: (pid) => attempt(() => environmentOf(readText(of(pid, 'environ')))),
    userId: (pid) => readValue(attempt(() => statSync(`${root}/${pid}`).uid)),
    listeningPorts: () =>
      new Map(
        ['tcp', 'tcp6'].flatMap((name) =>
          listenersIn(readValue(attempt(() => readText(`${root}/net/${name}`))) ?? ''),
        ),
      ),
    bootedAtMs: (nowMs) => bootedAtMs(root, nowMs),
    units: () => units,
  };
}

/** One sentence for the user about the parts of a process that could not be read; an empty list if all could. */
export function missingTexts(
  attempts: Readonly<Record<string, Attempt<unknown> | { readonly kind: 'skipped' }>>,
  ownerOf: () => number | undefined,
  ownId: number | undefined,
): readonly DisplayText[] {
  const denied = Object.entries(attempts).flatMap(([part, result]) =>
    result.kind === 'denied' ? [{ part, code: result.code }] : [],
  );
  const [first] = denied;
  if (!first) return [];
  const parts = denied.map(({ part }) => part).join(', ');
  const ownerId = ownerOf();
  const isForeign = ownerId !== undefined && ownId !== undefined && ownerId !== ownId;
  const reason = isForeign ? `the process belongs to user ${ownerId}` : `the system says ${first.code}`;
  return [sanitize(`not readable: ${parts} (${reason})`)];
}
