import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NonBlockingOutput } from '../../widgets/non-blocking-output.ts';

/** A pipe takes some kilobytes, as a terminal does, and then says that it is full. */
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

describe('an output that takes no more', () => {
  it('holds nobody up, and has all of it in order once it takes more', async () => {
    let caughtUp = 0;
    const onCaughtUp = () => {
      caughtUp += 1;
    };
    const output = new NonBlockingOutput(writer, { onCaughtUp, onError: unreachable });
    output.write('first ');
    expect(output.isBehind).toBe(false);
    output.write(long);
    output.write(' last');
    expect(output.isBehind).toBe(true);
    expect(output.settle(20)).toBe(false);
    let taken = '';
    await vi.waitUntil(() => {
      taken += readAll();
      return caughtUp > 0;
    });
    taken += readAll();
    expect(output.isBehind).toBe(false);
    expect(taken).toBe(`first ${long} last`);
    expect(caughtUp).toBe(1);
    closeSync(reader);
  });

  it('is let go of as soon as it has taken all', () => {
    const output = new NonBlockingOutput(writer, {
      onCaughtUp: unreachable,
      onError: unreachable,
    });
    output.write(long.slice(0, 70_000));
    readAll();
    expect(output.settle(60_000)).toBe(true);
    closeSync(reader);
  });

  it('is told of once when it is gone, and nothing waits for it any more', async () => {
    const failures: unknown[] = [];
    const onError = (error: unknown) => failures.push(error);
    const output = new NonBlockingOutput(writer, { onCaughtUp: unreachable, onError });
    closeSync(reader);
    output.write('to nobody');
    expect(output.isBehind).toBe(false);
    output.write('again');
    expect(output.settle(20)).toBe(true);
    await new Promise((told) => setImmediate(told));
    expect(failures).toMatchObject([{ code: 'EPIPE' }]);
  });
});
