import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NonBlockingOutput } from '../../widgets/non-blocking-output.ts';
import { until } from '../support/wait.ts';

/** Like a terminal, a pipe accepts some kilobytes and then is full. */
let folder: string;
let reader: number;
let writer: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-patient-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
});
afterEach(() => {
  closeSync(writer);
  rmSync(folder, { recursive: true, force: true });
});

function readAll(): string {
  const piece = Buffer.alloc(1 << 20);
  try {
    return piece.toString('utf8', 0, readSync(reader, piece));
  } catch {
    // Empty.
    return '';
  }
}

const unreachable = () => expect.unreachable();
const long = Array.from({ length: 30_000 }, (_, index) => `${index}`).join(' ');

describe('the output to a full terminal', () => {
  it('does not block, and arrives complete and in order once the terminal accepts more', async () => {
    let caughtUp = 0;
    const onCaughtUp = () => {
      caughtUp += 1;
    };
    const output = new NonBlockingOutput(writer, { onCaughtUp, onError: unreachable });
    output.write('first ');
    expect(output.isBlocked).toBe(false);
    output.write(long);
    output.write(' last');
    expect(output.isBlocked).toBe(true);
    expect(output.drain(20)).toBe(false);
    let taken = '';
    const isCaughtUp = () => {
      taken += readAll();
      return caughtUp > 0;
    };
    await until('the end of the output', isCaughtUp, () => `${taken.length} characters`);
    taken += readAll();
    expect(output.isBlocked).toBe(false);
    expect(taken).toBe(`first ${long} last`);
    expect(caughtUp).toBe(1);
    closeSync(reader);
  });

  it('is drained as soon as the terminal has accepted everything', () => {
    const output = new NonBlockingOutput(writer, {
      onCaughtUp: unreachable,
      onError: unreachable,
    });
    output.write(long.slice(0, 70_000));
    readAll();
    expect(output.drain(60_000)).toBe(true);
    closeSync(reader);
  });

  it('reports once that the terminal is gone, and then never blocks', async () => {
    const failures: unknown[] = [];
    const onError = (error: unknown) => failures.push(error);
    const output = new NonBlockingOutput(writer, { onCaughtUp: unreachable, onError });
    closeSync(reader);
    output.write('to nobody');
    expect(output.isBlocked).toBe(false);
    output.write('again');
    expect(output.drain(20)).toBe(true);
    await new Promise((told) => setImmediate(told));
    expect(failures).toMatchObject([{ code: 'EPIPE' }]);
  });
});
