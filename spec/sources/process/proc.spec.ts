import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProc } from '../../../lib/sources/process/proc.ts';
import { parseStat, terminalName } from '../../../lib/sources/process/proc-stat.ts';

describe('a stat line', () => {
  // From a real TUI of 1.18.33 on Linux 6.18.
  const rest =
    'S 22547 22618 22618 34825 22618 4194304 215487 0 21 0 322 105 0 0 20 0 18 0 60142 75847172096 211978 18446744073709551615 1 1 0';

  it('is parsed into parent, session, terminal, times and memory', () => {
    expect(parseStat(`22618 (opencode) ${rest}`)).toEqual({
      pid: 22618,
      name: 'opencode',
      state: 'S',
      parentPid: 22547,
      sessionPid: 22618,
      ttyNumber: 34825,
      cpuTicks: 427,
      startTicks: 60142,
      rssPages: 211978,
    });
  });

  it('is parsed correctly with any name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (name) => {
        expect(parseStat(`7 (${name}) ${rest}`)).toMatchObject({ pid: 7, name, parentPid: 22547 });
      }),
    );
  });

  it('is refused if it is cut short', () => {
    const whole = `22618 (opencode) ${rest}`;
    const lastNeeded = whole.indexOf(' 211978');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lastNeeded }), (length) => {
        expect(parseStat(whole.slice(0, length))).toBeUndefined();
      }),
    );
  });
});

describe('a terminal number', () => {
  it.each([
    [0, undefined],
    [34816, 'pts/0'],
    [34825, 'pts/9'],
    [35071, 'pts/255'],
    [1083392, 'pts/256'],
    [1025, 'tty1'],
    [1088, 'ttyS0'],
    [1281, 'console'],
  ])('%i is %s', (number, name) => {
    expect(terminalName(number)).toBe(name);
  });
});

describe('a /proc tree', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'otop-spec-tree-'));
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it('gives the ports of listening sockets of IPv4 and IPv6, and of no other sockets', () => {
    mkdirSync(join(root, 'net'));
    // Lines from a real machine. The second one is a connection in state ESTABLISHED.
    const head =
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
    const tail = '00000000:00000000 00:00000000 00000000     0        0';
    writeFileSync(
      join(root, 'net/tcp'),
      `${head}   0: 0100007F:1000 00000000:0000 0A ${tail} 56342 1 0000000000000000 100 0 0 10 0\n` +
        `   1: 0100007F:1000 0100007F:D2A4 01 ${tail} 56343 1 0000000000000000 20 4 30 10 -1\n`,
    );
    const any = '00000000000000000000000000000000';
    writeFileSync(
      join(root, 'net/tcp6'),
      `${head}   0: ${any}:9B17 ${any}:0000 0A ${tail} 56350 1 0 100 0 0 10 0\n`,
    );
    expect([...openProc(root).listeningPorts()]).toEqual([
      [56342, 4096],
      [56350, 39703],
    ]);
  });

  it('gives the boot time from the uptime, or from btime if a container shows its own uptime', () => {
    const nowMs = 1_000_000_000;
    writeFileSync(join(root, 'stat'), 'cpu 1 2 3\nbtime 900000\nprocesses 5\n');
    writeFileSync(join(root, 'uptime'), '99999.37 5.00\n');
    expect(openProc(root).bootedAtMs(nowMs)).toBe(900_000_630);
    writeFileSync(join(root, 'uptime'), '12.00 5.00\n');
    expect(openProc(root).bootedAtMs(nowMs)).toBe(900_000_000);
    rmSync(join(root, 'uptime'));
    expect(openProc(root).bootedAtMs(nowMs)).toBe(900_000_000);
    rmSync(join(root, 'stat'));
    expect(openProc(root).bootedAtMs(nowMs)).toBeUndefined();
  });

  it('distinguishes missing files from denied ones', () => {
    expect(openProc(root).argv(7)).toEqual({ kind: 'gone' });
    mkdirSync(join(root, '7/cmdline'), { recursive: true });
    expect(openProc(root).argv(7)).toEqual({ kind: 'denied', code: 'EISDIR' });
  });
});
