import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogFacts } from '../../../lib/domain/evidence/log-facts.ts';
import type { LogDescriptor, OpencodeProcess } from '../../../lib/domain/process/process.ts';
import { createLogSource } from '../../../lib/sources/log/log-source.ts';
import { process } from '../../support/builders.ts';
import { factsOfText, recordedLog, tell } from './recorded.ts';

const recorded = recordedLog('1.18.33');
/** The three runs of the recorded file, in the order of their first lines. */
const runs = ['8a6e2ae8', 'd3713d8e', '75868872'] as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-log-spec-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function sharedLog(text: string | Buffer): string {
  const path = join(folder, 'opencode.log');
  writeFileSync(path, text);
  return path;
}

function descriptor(path: string, positionBytes?: number): LogDescriptor {
  return { readPath: path, path, deleted: false, ...(positionBytes === undefined ? {} : { positionBytes }) };
}

/** Where the last line of a run ends. */
function endOfRun(text: string, run: string): number {
  const at = text.lastIndexOf(`run=${run} `);
  return at < 0 ? 0 : Buffer.byteLength(text.slice(0, text.indexOf('\n', at) + 1));
}

function writers(path: string, text: string): OpencodeProcess[] {
  return runs.map((run, index) =>
    process({
      pid: 100 + index,
      startedAtMs: 0,
      logs: [descriptor(path, 0), descriptor(path, endOfRun(text, run))],
    }),
  );
}

describe('the shared log', () => {
  it('tells each process its own run by the position of its descriptor', () => {
    const path = sharedLog(recorded);
    const { byPid, troubles } = createLogSource().refresh(writers(path, recorded), 0);
    expect(
      [...byPid.values()]
        .toSorted((a, b) => a.pid - b.pid)
        .map(({ pid, run, exact, complete }) => [pid, run, exact, complete]),
    ).toEqual([
      [100, '8a6e2ae8', true, true],
      [101, 'd3713d8e', true, true],
      [102, '75868872', true, true],
    ]);
    for (const facts of byPid.values())
      expect(tell(facts)).toEqual(tell(factsOfText(recorded).get(facts.run) ?? facts));
    expect(troubles).toEqual([]);
  });

  it('gives the same facts however the file grew', () => {
    const whole = factsOfText(recorded);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(recorded.length), { maxLength: 8 }), (cuts) => {
        const path = sharedLog('');
        const source = createLogSource();
        const bytes = Buffer.from(recorded);
        let from = 0;
        for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          appendFileSync(path, bytes.subarray(from, to));
          from = to;
          source.refresh(writers(path, bytes.subarray(0, bytes.lastIndexOf(0x0a, to - 1) + 1).toString()), 0);
        }
        const { byPid } = source.refresh(writers(path, recorded), 0);
        expect(byPid.size).toBe(3);
        for (const facts of byPid.values()) {
          expect(tell(facts)).toEqual(tell(whole.get(facts.run) ?? facts));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('searches backwards from where an idle process wrote last, a little in each look', () => {
    const noise = noiseOf(6_000_000);
    const text = recorded + noise;
    const path = sharedLog(text);
    const source = createLogSource();
    const found: number[] = [];
    for (let look = 0; look < 3; look++) {
      const { byPid } = source.refresh(writers(path, text).slice(2), 0);
      found.push(byPid.get(102)?.sessions.length ?? -1);
    }
    expect(found.at(-1)).toBe(1);
  });

  it('stops searching at the process’s start, and says that it knows everything', () => {
    const noise = noiseOf(3_000_000);
    const idle =
      'timestamp=2026-11-23T00:00:00.000Z level=INFO run=aaaaaaaa message="creating instance" directory=/home/u/projA\n';
    const text = recorded + noise + idle;
    const path = sharedLog(text);
    const startedAtMs = Date.parse('2026-11-22T23:59:58Z');
    const facts = createLogSource()
      .refresh([process({ pid: 7, startedAtMs, logs: [descriptor(path, Buffer.byteLength(text))] })], 0)
      .byPid.get(7);
    expect(facts).toMatchObject({ run: 'aaaaaaaa', exact: true, complete: true, sessions: [] });
  });

  it('of 10 GB is read at its tail and where its processes wrote, not through', () => {
    const path = sharedLog('');
    const bytes = 10 * 1024 ** 3;
    truncateSync(path, bytes);
    appendFileSync(path, `\n${recorded}`);
    const start = bytes + 1;
    const end = start + endOfRun(recorded, '75868872');
    const writer = process({ pid: 9, startedAtMs: 0, logs: [descriptor(path, end)] });
    const before = readBytesSoFar();
    const { byPid } = createLogSource().refresh([writer], 0);
    expect(byPid.get(9)).toMatchObject({ run: '75868872', exact: true });
    expect(tell(byPid.get(9) as LogFacts)).toEqual(tell(factsOfText(recorded).get('75868872') as LogFacts));
    expect(readBytesSoFar() - before).toBeLessThan(8 * 1024 ** 2);
  });

  it('begins anew when the file is cut or replaced', () => {
    const path = sharedLog(recorded);
    const source = createLogSource();
    source.refresh(writers(path, recorded), 0);
    const line = `timestamp=2026-11-23T00:00:00.000Z level=INFO run=bbbbbbbb message=loop session.id=ses_x step=0\n`;
    const writer = (end: number) => [process({ pid: 100, startedAtMs: 0, logs: [descriptor(path, end)] })];
    truncateSync(path, 0);
    appendFileSync(path, line);
    expect(source.refresh(writer(line.length), 0).byPid.get(100)?.run).toBe('bbbbbbbb');
    renameSync(path, `${path}.old`);
    writeFileSync(path, line.replace('bbbbbbbb', 'cccccccc') + line);
    expect(source.refresh(writer(line.length), 0).byPid.get(100)?.run).toBe('cccccccc');
  });

  it('reads on after a line longer than a slice and around bytes that are no text', () => {
    const start = 'timestamp=2026-11-23T00:00:00.000Z level=INFO run=bbbbbbbb ';
    const text = Buffer.concat([
      Buffer.from(`${start}message=huge value="${'x'.repeat(700_000)}"\n`),
      Buffer.from(start),
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from(`\n${start}message=loop session.id=ses_x step=0\n`),
    ]);
    const path = sharedLog(Buffer.alloc(0));
    const source = createLogSource();
    const writer = [process({ pid: 1, startedAtMs: 0, logs: [descriptor(path, text.length)] })];
    source.refresh([process({ pid: 1, startedAtMs: 0, logs: [descriptor(path, 0)] })], 0);
    appendFileSync(path, text.subarray(0, 400_000));
    source.refresh(writer, 0);
    appendFileSync(path, text.subarray(400_000));
    expect(
      source
        .refresh(writer, 0)
        .byPid.get(1)
        ?.sessions.map(({ sessionId }) => sessionId),
    ).toEqual(['ses_x']);
  });

  it('knows a run by its start where positions are not told, and says that this is not exact', () => {
    const text = recorded + noiseOf(3_000_000);
    const path = sharedLog(text);
    const startedAtMs = Date.parse('2026-11-22T22:33:05.500Z');
    const writer = process({ pid: 9, cwd: '/home/u/projA', startedAtMs, logs: [descriptor(path)] });
    const facts = createLogSource()
      .refresh([writer], startedAtMs + 3_600_000)
      .byPid.get(9);
    expect(facts).toMatchObject({ run: '75868872', exact: false, complete: false });
  });

  it('is a trouble where it cannot be read, not an error', () => {
    const reading = createLogSource().refresh(
      [process({ logs: [descriptor(join(folder, 'gone.log'), 10)] })],
      0,
    );
    expect(reading.byPid.size).toBe(0);
    expect(reading.troubles.map(({ source }) => source)).toEqual(['log']);
  });
});

describe('a log of its own', () => {
  it('is told from both of the files a TUI writes, and from the first after it was deleted', () => {
    const main = join(folder, '2026-11-22T223503.log');
    const worker = join(folder, '2026-11-22T223504.log');
    const gone = join(folder, 'kept-by-its-descriptor');
    writeFileSync(main, recordedLog('1.14.41-main'));
    writeFileSync(gone, recordedLog('1.14.41'));
    const logs = [descriptor(main, 3778), { readPath: gone, path: worker, deleted: true, positionBytes: 99 }];
    const source = createLogSource();
    const { byPid, watchPaths } = source.refresh([process({ pid: 5, logs })], 0);
    expect(byPid.get(5)).toMatchObject({ run: '2026-11-22T223504.log', exact: true, complete: true });
    expect(byPid.get(5)?.sessions.at(-1)?.sessionId).toBe('ses_dfa9930baffemh0CeUyzWInFd0');
    expect(watchPaths).toEqual([main]);
    unlinkSync(gone);
    expect(source.refresh([process({ pid: 5, logs })], 0).troubles).toHaveLength(1);
  });
});

describe('a log that two processes write, both begun in the same second', () => {
  const line = (second: number, sessionId: string, words = 'loop') =>
    `INFO  2026-11-22T22:35:${second} +3ms service=session.prompt step=0 sessionID=${sessionId} ${words}\n`;
  /** The log as `lines` so far, and both processes behind the last line each of them wrote. */
  const look = (path: string, lines: readonly (readonly [pid: number, text: string])[]) => {
    writeFileSync(path, lines.map(([, text]) => text).join(''));
    const endOf = (pid: number) => {
      const last = lines.findLastIndex(([writer]) => writer === pid);
      return lines.slice(0, last + 1).reduce((sum, [, text]) => sum + text.length, 0);
    };
    return [7, 8].map((pid) => process({ pid, logs: [descriptor(path, endOf(pid))] }));
  };
  const named = (source: ReturnType<typeof createLogSource>, processes: OpencodeProcess[]) =>
    [...source.refresh(processes, 0).byPid.values()].map(
      ({ pid, exact, sharedWith, sessions }) =>
        `${pid} ${exact ? 'sure' : `or ${sharedWith}`}: ${sessions.map(({ sessionId }) => sessionId).join(' ')}`,
    );

  it('is nobody’s for certain, until one wrote behind the other’s last line', () => {
    const path = join(folder, '2026-11-22T223503.log');
    const source = createLogSource();
    const begun = [
      [7, line(10, 'ses_seven')],
      [8, line(11, 'ses_eight')],
    ] as const;
    const first = look(path, begun);
    expect(named(source, first)).toEqual(['7 or 8: ses_seven ses_eight', '8 or 7: ses_seven ses_eight']);
    // The positions were sampled before this look: who wrote since could be taken for the other.
    expect(named(source, first)).toEqual(['7 or 8: ses_seven ses_eight', '8 or 7: ses_seven ses_eight']);
    expect(named(source, look(path, begun))).toEqual(['7 or 8: ses_seven', '8 sure: ses_seven ses_eight']);
    const later = [...begun, [7, line(40, 'ses_seven')]] as const;
    named(source, look(path, later));
    expect(named(source, look(path, later))).toEqual(['7 sure: ses_seven', '8 sure: ses_eight']);
  });

  it('is the sessions’ whose process only begun there, and logs elsewhere', () => {
    const path = join(folder, '2026-11-22T223503.log');
    const source = createLogSource();
    const lines = [
      [8, 'INFO  2026-11-22T22:35:03 +0ms service=default version=1.2.27 args=[] opencode\n'],
      [7, line(10, 'ses_seven')],
    ] as const;
    named(source, look(path, lines));
    expect(named(source, look(path, lines))).toEqual(['7 sure: ses_seven', '8 sure: ']);
  });
});

/** What this process read of files in its life; 0 where the system does not count it. */
function readBytesSoFar(): number {
  try {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // not Linux: what was read is right all the same
  }
}

/** Lines of another run, an hour after the recorded ones. */
function noiseOf(bytes: number): string {
  const line = `timestamp=2026-11-22T23:00:00.000Z level=INFO run=0000dead message=tracking hash=${'0'.repeat(140)}\n`;
  return line.repeat(Math.ceil(bytes / line.length));
}
