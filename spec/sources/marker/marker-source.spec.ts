import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { MarkerSource } from '../../../lib/sources/marker/marker-source.ts';
import { ago, nowMs, process as opencode } from '../../support/builders.ts';

const machine = '1f0c2d3e-4026531836';
/** Alive, and no opencode: the specs' own process. */
const alive = process.pid;
let root: string;
let folder: string;
let procRoot: string;
let source: MarkerSource;
let monotonicMs = 0;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'otop-marker-spec-'));
  folder = join(root, 'otop/markers');
  procRoot = join(root, 'proc');
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(procRoot, 'self/ns'), { recursive: true });
  mkdirSync(join(procRoot, 'sys/kernel/random'), { recursive: true });
  writeFileSync(join(procRoot, 'sys/kernel/random/boot_id'), '1f0c2d3e-aaaa-bbbb-cccc-0123456789ab\n');
  symlinkSync('pid:[4026531836]', join(procRoot, 'self/ns/pid'));
  source = new MarkerSource({ folder, procRoot, host: 'box', monotonicMs: () => monotonicMs });
});
afterEach(() => {
  source.close();
  rmSync(root, { recursive: true, force: true });
});

function startsAt(pid: number, startTicks: number): void {
  mkdirSync(join(procRoot, `${pid}`), { recursive: true });
  const rest = Array.from({ length: 40 }, (_, index) => (index === 18 ? startTicks : 0)).join(' ');
  writeFileSync(join(procRoot, `${pid}/stat`), `${pid} (opencode) S ${rest}`);
}

interface Said {
  readonly pid: number;
  readonly startTicks?: number;
  readonly machine?: string;
  readonly host?: string;
  readonly sessions?: readonly object[];
  readonly writtenAtMs?: number;
  readonly otopMarker?: number;
}

/** Writes a marker as the plugin does: a new file, renamed over the old one. */
function say({ machine: of = machine, ...said }: Said): string {
  const path = join(folder, `${said.pid}@${of}.json`);
  const text = JSON.stringify({
    otopMarker: 1,
    loadedAtMs: ago(300),
    writtenAtMs: ago(1),
    sessions: [busy('ses_a')],
    ...said,
  });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return path;
}

function busy(id: string, secondsAgo = 5, some: object = {}): object {
  return {
    id,
    atMs: ago(secondsAgo),
    turnAtMs: ago(secondsAgo),
    activity: { kind: 'busy' },
    asks: [],
    ...some,
  };
}

const tui = (pid: number, some: Partial<OpencodeProcess> = {}) =>
  opencode({ pid, startedAtMs: ago(600), ...some });
const refresh = (...processes: OpencodeProcess[]) => source.refresh(processes, nowMs);
const told = (...processes: OpencodeProcess[]) =>
  refresh(...processes).evidence.map(
    ({ pid, sessionId, confidence, strength }) => `${pid} ${sessionId} ${confidence} ${strength}`,
  );

describe('markers of processes', () => {
  it('are evidence and states of the sessions that their process had', () => {
    say({ pid: alive, sessions: [busy('ses_a', 60, { activity: { kind: 'idle' } }), busy('ses_b')] });
    const reading = refresh(tui(alive));
    expect(told(tui(alive))).toEqual([`${alive} ses_b certain 1`, `${alive} ses_a guess 0`]);
    expect(reading.statuses.get('ses_a')).toEqual({
      source: 'marker',
      sessionId: 'ses_a',
      atMs: ago(60),
      activity: { kind: 'idle' },
      asks: [],
    });
    expect(reading.troubles).toEqual([]);
  });

  it('are nothing before there is a folder, and are found once there is one', () => {
    rmSync(folder, { recursive: true });
    expect(refresh(tui(alive))).toEqual({ evidence: [], statuses: new Map(), troubles: [] });
    mkdirSync(folder);
    say({ pid: alive });
    expect(told(tui(alive))).toEqual([`${alive} ses_a certain 1`]);
  });

  it('are read again only where they changed', () => {
    say({ pid: alive });
    const before = refresh(tui(alive)).statuses.get('ses_a');
    say({ pid: 1, sessions: [busy('ses_b')] });
    expect(refresh(tui(alive)).statuses.get('ses_a')).toBe(before);
    say({ pid: alive });
    expect(refresh(tui(alive)).statuses.get('ses_a')).not.toBe(before);
  });

  it('of a number that was given to another process since are not believed, and go', () => {
    startsAt(alive, 777);
    const path = say({ pid: alive, startTicks: 778 });
    expect(told(tui(alive))).toEqual([]);
    expect(existsSync(path)).toBe(false);
    say({ pid: alive, startTicks: 777 });
    expect(told(tui(alive))).toEqual([`${alive} ses_a certain 1`]);
  });

  it('are told by their times where the system has no start ticks', () => {
    const path = say({ pid: alive, writtenAtMs: ago(700) });
    expect(told(tui(alive))).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('of dead processes are ignored and removed, their drafts too', () => {
    const { pid = 0 } = spawnSync('true');
    const path = say({ pid });
    const draft = join(folder, `.${pid}@${machine}.draft`);
    writeFileSync(draft, '{');
    expect(told()).toEqual([]);
    expect([path, draft].map((each) => existsSync(each))).toEqual([false, false]);
  });

  it('of living processes that otop does not know as opencode stay', () => {
    const path = say({ pid: alive });
    expect(told()).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  it('of this machine before it was started again are removed', () => {
    const gone = say({ pid: alive, machine: '00000000-4026531836', host: 'box' });
    const kept = say({ pid: alive, machine: '00000000-4026531837', host: 'another' });
    expect(told(tui(alive))).toEqual([]);
    expect([gone, kept].map((path) => existsSync(path))).toEqual([false, true]);
  });

  it('of other machines and containers, and all that is not the plugin’s, are left alone', () => {
    const paths = [say({ pid: 999_999, machine: '00000000-4026531836' }), join(folder, 'notes.txt')];
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    expect(told(tui(alive))).toEqual([]);
    expect(paths.every((path) => existsSync(path))).toBe(true);
  });
});

describe('files that no plugin writes', () => {
  it('are passed over: broken, too large, a folder, a link, another pid’s', () => {
    const path = join(folder, `${alive}@${machine}.json`);
    const secret = join(root, 'secret.json');
    const hostile: readonly (() => void)[] = [
      () => writeFileSync(path, '{"otopMarker":1,"pid":'),
      () => writeFileSync(path, ''),
      () => writeFileSync(path, ' '.repeat(4 * 1024 * 1024 + 1)),
      () => mkdirSync(path),
      () => renameSync(say({ pid: 4242 }), path),
      () => {
        renameSync(say({ pid: alive }), secret);
        symlinkSync(secret, path);
      },
    ];
    for (const make of hostile) {
      make();
      expect(told(tui(alive))).toEqual([]);
      rmSync(path, { recursive: true });
    }
  });

  it('are not waited for: a pipe', () => {
    spawnSync('/usr/bin/mkfifo', [join(folder, `${alive}@${machine}.json`)]);
    expect(told(tui(alive))).toEqual([]);
  });

  it('say nothing of a time that lies ahead', () => {
    say({ pid: alive, sessions: [busy('ses_a', -60), busy('ses_b')] });
    expect(told(tui(alive))).toEqual([`${alive} ses_b certain 1`]);
    expect([...refresh(tui(alive)).statuses.keys()]).toEqual(['ses_b']);
  });

  it('of another otop’s format are a trouble that says what to do', () => {
    say({ pid: alive, otopMarker: 2 });
    expect(refresh(tui(alive)).troubles).toEqual([
      {
        source: 'marker',
        text: `pid ${alive} runs the plugin of another otop, which this one cannot read: restart opencode there`,
      },
    ]);
  });
});

describe('listening', () => {
  it('calls back when a marker is written, also into a folder that was made anew', async () => {
    const heard = new EventEmitter();
    source.listen(() => heard.emit('change'));
    refresh(tui(alive));
    const first = once(heard, 'change');
    say({ pid: alive });
    await first;
    expect(told(tui(alive))).toEqual([`${alive} ses_a certain 1`]);
    rmSync(folder, { recursive: true });
    expect(told(tui(alive))).toEqual([]);
    mkdirSync(folder);
    monotonicMs += 1_000;
    refresh(tui(alive));
    const second = once(heard, 'change');
    say({ pid: alive });
    await second;
    expect(told(tui(alive))).toEqual([`${alive} ses_a certain 1`]);
  });
});
