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
import { factsOfText, linesOf, recordedLog } from './recorded.ts';

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

/** The offset after the last line of a run. */
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
  it('has one run for each process, found by the position of its descriptor', () => {
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
      expect(linesOf(facts)).toEqual(linesOf(factsOfText(recorded).get(facts.run) ?? facts));
    expect(troubles).toEqual([]);
  });

  it('gives the same facts if the file grows in any number of pieces', () => {
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
          expect(linesOf(facts)).toEqual(linesOf(whole.get(facts.run) ?? facts));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is searched backwards from the last line of an idle process, a few slices in each poll', () => {
    const noise = noiseOf(6_000_000);
    const text = recorded + noise;
    const path = sharedLog(text);
    const source = createLogSource();
    const found: number[] = [];
    for (let poll = 0; poll < 3; poll++) {
      const { byPid } = source.refresh(writers(path, text).slice(2), 0);
      found.push(byPid.get(102)?.sessions.length ?? -1);
    }
    expect(found.at(-1)).toBe(1);
  });

  it('is searched back to the start of the process, and is complete then', () => {
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

  it('of 10 GB is read only at its tail and around the lines of its processes', () => {
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
    expect(linesOf(byPid.get(9) as LogFacts)).toEqual(
      linesOf(factsOfText(recorded).get('75868872') as LogFacts),
    );
    expect(readBytesSoFar() - before).toBeLessThan(8 * 1024 ** 2);
  });

  it('is read as a new file after it was truncated or replaced', () => {
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

  it('is read on after a line longer than a slice and after bytes that are not text', () => {
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

  it('has an inexact run, found by its first lines, if the system shows no positions', () => {
    const text = recorded + noiseOf(3_000_000);
    const path = sharedLog(text);
    const startedAtMs = Date.parse('2026-11-22T22:33:05.500Z');
    const writer = process({ pid: 9, cwd: '/home/u/projA', startedAtMs, logs: [descriptor(path)] });
    const facts = createLogSource()
      .refresh([writer], startedAtMs + 3_600_000)
      .byPid.get(9);
    expect(facts).toMatchObject({ run: '75868872', exact: false, complete: false });
  });

  it('causes a trouble, not an error, if it cannot be read', () => {
    const reading = createLogSource().refresh(
      [process({ logs: [descriptor(join(folder, 'gone.log'), 10)] })],
      0,
    );
    expect(reading.byPid.size).toBe(0);
    expect(reading.troubles.map(({ source }) => source)).toEqual(['log']);
  });
});

describe('a log of one process', () => {
  it('merges both files that a TUI writes, and is read through the descriptor after it was deleted', () => {
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

describe('a log of two processes that started in the same second', () => {
  const line = (second: number, sessionId: string, words = 'loop') =>
    `INFO  2026-11-22T22:35:${second} +3ms service=session.prompt step=0 sessionID=${sessionId} ${words}\n`;
  /** Writes `lines` and returns both processes, each with the position after its own last line. */
  const writeLines = (path: string, lines: readonly (readonly [pid: number, text: string])[]) => {
    writeFileSync(path, lines.map(([, text]) => text).join(''));
    const endOf = (pid: number) => {
      const last = lines.findLastIndex(([writer]) => writer === pid);
      return lines.slice(0, last + 1).reduce((sum, [, text]) => sum + text.length, 0);
    };
    return [7, 8].map((pid) => process({ pid, logs: [descriptor(path, endOf(pid))] }));
  };
  const attributions = (source: ReturnType<typeof createLogSource>, processes: OpencodeProcess[]) =>
    [...source.refresh(processes, 0).byPid.values()].map(
      ({ pid, exact, sharedWith, sessions }) =>
        `${pid} ${exact ? 'sure' : `or ${sharedWith}`}: ${sessions.map(({ sessionId }) => sessionId).join(' ')}`,
    );

  it('has no certain owner until one process writes after the last line of the other', () => {
    const path = join(folder, '2026-11-22T223503.log');
    const source = createLogSource();
    const firstLines = [
      [7, line(10, 'ses_seven')],
      [8, line(11, 'ses_eight')],
    ] as const;
    const first = writeLines(path, firstLines);
    expect(attributions(source, first)).toEqual([
      '7 or 8: ses_seven ses_eight',
      '8 or 7: ses_seven ses_eight',
    ]);
    // The positions are older than this poll, so a line written since then could be credited to the wrong process.
    expect(attributions(source, first)).toEqual([
      '7 or 8: ses_seven ses_eight',
      '8 or 7: ses_seven ses_eight',
    ]);
    expect(attributions(source, writeLines(path, firstLines))).toEqual([
      '7 or 8: ses_seven',
      '8 sure: ses_seven ses_eight',
    ]);
    const later = [...firstLines, [7, line(40, 'ses_seven')]] as const;
    attributions(source, writeLines(path, later));
    expect(attributions(source, writeLines(path, later))).toEqual(['7 sure: ses_seven', '8 sure: ses_eight']);
  });

  it('gives no session to a process that wrote its first line there and logs to another file', () => {
    const path = join(folder, '2026-11-22T223503.log');
    const source = createLogSource();
    const lines = [
      [8, 'INFO  2026-11-22T22:35:03 +0ms service=default version=1.2.27 args=[] opencode\n'],
      [7, line(10, 'ses_seven')],
    ] as const;
    attributions(source, writeLines(path, lines));
    expect(attributions(source, writeLines(path, lines))).toEqual(['7 sure: ses_seven', '8 sure: ']);
  });
});

/** The bytes that this process has read from files so far; 0 if the system does not count them. */
function readBytesSoFar(): number {
  try {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // Not Linux: the facts are still checked, only the number of bytes is not.
  }
}

/** Lines of another run, an hour after the recorded ones. */
function noiseOf(bytes: number): string {
  const line = `timestamp=2026-11-22T23:00:00.000Z level=INFO run=0000dead message=tracking hash=${'0'.repeat(140)}\n`;
  return line.repeat(Math.ceil(bytes / line.length));
}
