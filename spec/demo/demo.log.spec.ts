import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FleetLog } from '../../lib/demo/demo.ts';
import type { FleetEvent } from '../../lib/demo/fleet-event.ts';
import { SimulatedProcess } from '../../lib/demo/simulated-process.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-demo-spec-'));
  path = join(folder, 'opencode.log');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const atMs = Date.parse('2026-11-22T15:00:00Z');

function startProcess(run: string, events: FleetEvent[]): SimulatedProcess {
  const start = { kind: 'tui', pid: 4_200_000, run, args: [], cwd: '/home/mia', startedAtMs: atMs } as const;
  return new SimulatedProcess(start, (event) => events.push(event));
}

describe('the log of a simulated fleet', () => {
  it('has the format of opencode 1.17 and newer', () => {
    const events: FleetEvent[] = [];
    const process = startProcess('4d501bd1', events);
    process.log(atMs, 'creating instance', { directory: '/home/mia/src' });
    process.log(atMs + 3, 'asking', { id: 'per_1', permission: 'bash', patterns: '["echo hi"]' });
    process.log(atMs + 7, 'process', { 'session.id': 'ses_1', error: 'Aborted', stack: undefined }, 'ERROR');
    const log = new FleetLog(path, 1000);
    log.append(events);
    log.close();
    expect(readFileSync(path, 'utf8')).toMatchInlineSnapshot(`
      "timestamp=2026-11-22T15:00:00.000Z level=INFO run=4d501bd1 message="creating instance" directory=/home/mia/src
      timestamp=2026-11-22T15:00:00.003Z level=INFO run=4d501bd1 message=asking id=per_1 permission=bash patterns="[\\"echo hi\\"]"
      timestamp=2026-11-22T15:00:00.007Z level=ERROR run=4d501bd1 message=process session.id=ses_1 error=Aborted stack=undefined
      "
    `);
  });

  it('sets the position of each writer to the end of its last line, in bytes', () => {
    const events: FleetEvent[] = [];
    const [one, other] = [startProcess('aaaaaaaa', events), startProcess('bbbbbbbb', events)];
    one.log(atMs, 'created', { title: '日本語のタイトル' });
    other.log(atMs, 'init');
    one.log(atMs, 'loop');
    other.log(atMs, 'init');
    const log = new FleetLog(path, 1000);
    log.append(events);
    log.close();
    const bytes = readFileSync(path);
    expect(other.logPositionBytes).toBe(bytes.length);
    expect(bytes.subarray(0, one.logPositionBytes).toString()).toMatch(/run=aaaaaaaa message=loop\n$/);
  });

  it('is truncated above its maximum size', () => {
    const log = new FleetLog(path, 300);
    let maxBytes = 0;
    for (let i = 0; i < 20; i++) {
      const events: FleetEvent[] = [];
      const process = startProcess('cccccccc', events);
      process.log(atMs + i, 'loop', { step: i });
      log.append(events);
      const bytes = readFileSync(path);
      maxBytes = Math.max(maxBytes, bytes.length);
      expect(process.logPositionBytes).toBe(bytes.length);
      expect(bytes.toString()).toMatch(new RegExp(`step=${i}\n$`));
    }
    log.close();
    expect(maxBytes).toBeLessThan(500);
  });
});
