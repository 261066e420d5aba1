import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { otopPath } from '../support/program.ts';
import { type OtopRow, otopEnvironment } from './otop.ts';
import type { Rig } from './rig.ts';

/** A running `otop sessions --watch` and its current rows. */
export interface Follower {
  rows(): readonly OtopRow[];
  stop(): void;
}

type Line =
  | { readonly type: 'board'; readonly rows: readonly KeyedRow[] }
  | { readonly type: 'changed'; readonly row: KeyedRow }
  | { readonly type: 'removed'; readonly key: string }
  | { readonly type: 'summary' | 'alive' };

type KeyedRow = OtopRow & { readonly key: string };

/** Starts `otop sessions --watch` as if inside the rig's tmux; resolves after its first line. */
export async function startFollower(rig: Rig): Promise<Follower> {
  const env = otopEnvironment(rig, 'tmux');
  const child = spawn(process.execPath, [otopPath, 'sessions', '--all', '--watch'], {
    env,
    cwd: rig.sandbox.home,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const byKey = new Map<string, OtopRow>();
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`otop sessions --watch ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (line.type === 'board') for (const row of line.rows) byKey.set(row.key, row);
      if (line.type === 'changed') byKey.set(line.row.key, line.row);
      if (line.type === 'removed') byKey.delete(line.key);
      resolve();
    });
  });
  return { rows: () => [...byKey.values()], stop: () => void child.kill() };
}
