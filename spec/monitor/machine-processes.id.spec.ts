import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { machineId } from '../../lib/monitor/machine-processes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otop-machine-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Creates a `/proc` with this boot id and container namespace. */
function proc(bootId: string, container: number): string {
  const root = mkdtempSync(join(folder, 'proc-'));
  mkdirSync(join(root, 'sys/kernel/random'), { recursive: true });
  mkdirSync(join(root, 'self/ns'), { recursive: true });
  writeFileSync(join(root, 'sys/kernel/random/boot_id'), `${bootId}\n`);
  symlinkSync(`pid:[${container}]`, join(root, 'self/ns/pid'));
  return root;
}

it('distinguishes machines with one name, containers and users of one machine, and reveals nothing about them', () => {
  const one = { procRoot: proc('1f0c2d3e-aaaa', 1), hostName: 'ubuntu', userId: 1000 };
  const others = [
    { ...one, procRoot: proc('77777777-aaaa', 1) },
    { ...one, procRoot: proc('1f0c2d3e-aaaa', 2) },
    { ...one, hostName: 'debian' },
    { ...one, userId: 1001 },
    { ...one, procRoot: join(folder, 'none') },
  ];
  const ids = [one, ...others].map(machineId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(machineId({ ...one })).toBe(ids[0]);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
});
