import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { MarkerSource } from '../../../lib/sources/marker/marker-source.ts';
import { ago, nowMs, process as opencode } from '../../support/builders.ts';
import { eventOf } from '../../support/wait.ts';

const machine = '1f0c2d3e-4026531836';
/** The pid of the specs' own process: it is alive and not opencode. */
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

interface MarkerContent {
  readonly pid: number;
  readonly startTicks?: number;
  readonly machine?: string;
  readonly host?: string;
  readonly sessions?: readonly object[];
  readonly writtenAtMs?: number;
  readonly otopMarker?: number;
}

/** Writes a marker as the plugin does: a new file, renamed over the old one. */
function writeMarker({ machine: of = machine, ...content }: MarkerContent): string {
  const path = join(folder, `${content.pid}@${of}.json`);
  const text = JSON.stringify({
    otopMarker: 1,
    loadedAtMs: ago(300),
    writtenAtMs: ago(1),
    sessions: [busy('ses_a')],
    ...content,
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
const matches = (...processes: OpencodeProcess[]) =>
  refresh(...processes).evidence.map(
    ({ pid, sessionId, confidence, strength }) => `${pid} ${sessionId} ${confidence} ${strength}`,
  );

describe('markers of processes', () => {
  it('give evidence and states for the sessions of their process', () => {
    writeMarker({ pid: alive, sessions: [busy('ses_a', 60, { activity: { kind: 'idle' } }), busy('ses_b')] });
    const reading = refresh(tui(alive));
    expect(matches(tui(alive))).toEqual([`${alive} ses_b certain 1`, `${alive} ses_a guess 0`]);
    expect(reading.statuses.get('ses_a')).toEqual({
      source: 'marker',
      sessionId: 'ses_a',
      atMs: ago(60),
      activity: { kind: 'idle' },
      asks: [],
    });
    expect(reading.troubles).toEqual([]);
  });

  it('give an empty reading without a folder, and are found as soon as the folder exists', () => {
    rmSync(folder, { recursive: true });
    expect(refresh(tui(alive))).toEqual({ evidence: [], statuses: new Map(), troubles: [] });
    mkdirSync(folder);
    writeMarker({ pid: alive });
    expect(matches(tui(alive))).toEqual([`${alive} ses_a certain 1`]);
  });

  it('are read again only if they changed', () => {
    writeMarker({ pid: alive });
    const before = refresh(tui(alive)).statuses.get('ses_a');
    writeMarker({ pid: 1, sessions: [busy('ses_b')] });
    expect(refresh(tui(alive)).statuses.get('ses_a')).toBe(before);
    writeMarker({ pid: alive });
    expect(refresh(tui(alive)).statuses.get('ses_a')).not.toBe(before);
  });

  it('are ignored and removed if another process has reused the pid', () => {
    startsAt(alive, 777);
    const path = writeMarker({ pid: alive, startTicks: 778 });
    expect(matches(tui(alive))).toEqual([]);
    expect(existsSync(path)).toBe(false);
    writeMarker({ pid: alive, startTicks: 777 });
    expect(matches(tui(alive))).toEqual([`${alive} ses_a certain 1`]);
  });

  it('are compared by time if the system has no start ticks', () => {
    const path = writeMarker({ pid: alive, writtenAtMs: ago(700) });
    expect(matches(tui(alive))).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('of ended processes are ignored and removed, with their drafts', () => {
    const { pid = 0 } = spawnSync('true');
    const path = writeMarker({ pid });
    const draft = join(folder, `.${pid}@${machine}.draft`);
    writeFileSync(draft, '{');
    expect(matches()).toEqual([]);
    expect([path, draft].map((each) => existsSync(each))).toEqual([false, false]);
  });

  it('of running processes that otop does not recognise as opencode stay', () => {
    const path = writeMarker({ pid: alive });
    expect(matches()).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  it('of an earlier boot of this machine are removed', () => {
    const gone = writeMarker({ pid: alive, machine: '00000000-4026531836', host: 'box' });
    const kept = writeMarker({ pid: alive, machine: '00000000-4026531837', host: 'another' });
    expect(matches(tui(alive))).toEqual([]);
    expect([gone, kept].map((path) => existsSync(path))).toEqual([false, true]);
  });

  it('of other machines and containers stay, and so do files of other programs', () => {
    const paths = [writeMarker({ pid: 999_999, machine: '00000000-4026531836' }), join(folder, 'notes.txt')];
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    expect(matches(tui(alive))).toEqual([]);
    expect(paths.every((path) => existsSync(path))).toBe(true);
  });
});

describe('unexpected files', () => {
  it('are ignored if they are broken, too large, a folder, a link, or name another pid', () => {
    const path = join(folder, `${alive}@${machine}.json`);
    const secret = join(root, 'secret.json');
    const hostile: readonly (() => void)[] = [
      () => writeFileSync(path, '{"otopMarker":1,"pid":'),
      () => writeFileSync(path, ''),
      () => writeFileSync(path, ' '.repeat(4 * 1024 * 1024 + 1)),
      () => mkdirSync(path),
      () => renameSync(writeMarker({ pid: 4242 }), path),
      () => {
        renameSync(writeMarker({ pid: alive }), secret);
        symlinkSync(secret, path);
      },
    ];
    for (const make of hostile) {
      make();
      expect(matches(tui(alive))).toEqual([]);
      rmSync(path, { recursive: true });
    }
  });

  it('never block, even if the file is a pipe', () => {
    spawnSync('/usr/bin/mkfifo', [join(folder, `${alive}@${machine}.json`)]);
    expect(matches(tui(alive))).toEqual([]);
  });

  it('give nothing for sessions with a time in the future', () => {
    writeMarker({ pid: alive, sessions: [busy('ses_a', -60), busy('ses_b')] });
    expect(matches(tui(alive))).toEqual([`${alive} ses_b certain 1`]);
    expect([...refresh(tui(alive)).statuses.keys()]).toEqual(['ses_b']);
  });

  it('with another format version cause a trouble that says what to do', () => {
    writeMarker({ pid: alive, otopMarker: 2 });
    expect(refresh(tui(alive)).troubles).toEqual([
      {
        source: 'marker',
        text: `pid ${alive} runs the plugin of another otop version, and this otop cannot read its markers: restart that opencode`,
      },
    ]);
  });
});

describe('listen', () => {
  it('calls back when a marker is written, also after the folder was created again', async () => {
    const changes = new EventEmitter();
    source.listen(() => changes.emit('change'));
    refresh(tui(alive));
    const first = eventOf(changes, 'change');
    writeMarker({ pid: alive });
    await first;
    expect(matches(tui(alive))).toEqual([`${alive} ses_a certain 1`]);
    rmSync(folder, { recursive: true });
    expect(matches(tui(alive))).toEqual([]);
    mkdirSync(folder);
    monotonicMs += 1_000;
    refresh(tui(alive));
    const second = eventOf(changes, 'change');
    writeMarker({ pid: alive });
    await second;
    expect(matches(tui(alive))).toEqual([`${alive} ses_a certain 1`]);
  });
});
