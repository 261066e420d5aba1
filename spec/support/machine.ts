import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Machine } from '../../lib/system/context.ts';

/** `/proc` of a machine without opencode. */
export const emptyProcRoot = resolve(import.meta.dirname, '../fixtures/proc');

/** A machine without opencode and without programs. */
export const emptyMachine: Machine = {
  platform: 'linux',
  procRoot: emptyProcRoot,
  run: async () => ({ kind: 'not found' }),
  program: { node: '/nowhere/node', script: '/nowhere/otop' },
};

/** A folder in the form of `/proc`. */
export interface ProcFolder {
  readonly path: string;
  /** Adds a process of this machine. */
  add(pid: number): void;
  remove(): void;
}

/** Makes a folder in the form of `/proc` with only the processes of this machine that a spec started. */
export function procFolder(): ProcFolder {
  const path = mkdtempSync(join(tmpdir(), 'otop-spec-proc-'));
  const link = (name: string) => symlinkSync(join('/proc', name), join(path, name));
  for (const name of ['stat', 'uptime', 'net', 'self', 'sys']) link(name);
  return {
    path,
    add: (pid) => {
      if (!existsSync(join(path, String(pid)))) link(String(pid));
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
