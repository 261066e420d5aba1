import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileEvents, openFileEvents } from '../../lib/system/file-events.ts';
import { within } from '../support/wait.ts';

let folder: string;
let events: FileEvents;
let heard: (path: string) => void;

/** Resolves with the next reported path. */
const next = () => within('a file event', new Promise<string>((resolve) => (heard = resolve)));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-events-'));
  heard = () => undefined;
  events = openFileEvents((path) => heard(path));
});

afterEach(() => {
  events.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('file events', () => {
  it('report a write to a watched file, and to no other file beside it', async () => {
    const wal = join(folder, 'opencode.db-wal');
    events.watch([wal]);
    const change = next();
    writeFileSync(join(folder, 'other'), 'x');
    writeFileSync(wal, 'x');
    expect(await change).toBe(wal);
  });

  it('still report a file after it is deleted and created again', async () => {
    const wal = join(folder, 'opencode.db-wal');
    writeFileSync(wal, 'x');
    events.watch([wal]);
    const removed = next();
    rmSync(wal);
    await removed;
    const created = next();
    writeFileSync(wal, 'y');
    expect(await created).toBe(wal);
  });

  it('watch a folder that appears later, at the next call', async () => {
    const log = join(folder, 'later', 'opencode.log');
    events.watch([log]);
    mkdirSync(join(folder, 'later'));
    events.watch([log]);
    const change = next();
    appendFileSync(log, 'line\n');
    expect(await change).toBe(log);
  });

  it('do not report a file that is no longer watched', async () => {
    const first = join(folder, 'a');
    const second = join(folder, 'b');
    events.watch([first]);
    events.watch([second]);
    const change = next();
    writeFileSync(first, 'x');
    writeFileSync(second, 'x');
    expect(await change).toBe(second);
  });
});
