import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { otopPath } from '../support/program.ts';
import type { Rig } from './rig.ts';

const run = promisify(execFile);

/** The part of `otop sessions`' JSON that is scored. */
export interface OtopRow {
  readonly pid: number | null;
  readonly tty: string | null;
  readonly cwd: string | null;
  readonly mem_mb: number | null;
  readonly tmux_pane: string | null;
  readonly uptime_ms: number | null;
  readonly kind: string | null;
  readonly orphan: boolean | null;
  readonly match: { readonly evidence: string; readonly confidence: string; readonly why: string } | null;
  readonly session: OtopSession | null;
}

interface OtopSession {
  readonly id: string;
  readonly title: string | null;
  readonly directory: string | null;
  readonly model: unknown;
  readonly status: string;
  readonly asking_for: string | null;
  readonly needs_you: boolean;
  readonly tokens: { readonly input: number | null; readonly output: number | null } | null;
  readonly context: { readonly used: number | null; readonly percent: number | null } | null;
  readonly cost: number | null;
  readonly message_count: number | null;
}

/** How otop is started: as if inside of the rig's tmux, or with no way to know of any tmux. */
export type Surroundings = 'tmux' | 'no tmux';

/** What otop knows of its surroundings; never the rig's mark, which would make it one of the rig's processes. */
export function otopEnvironment(rig: Rig, surroundings: Surroundings): Readonly<Record<string, string>> {
  const { OTOP_RIG: _mark, TMUX_TMPDIR = '', ...bare } = rig.sandbox.env;
  return surroundings === 'tmux' ? { ...bare, TMUX_TMPDIR, TMUX: rig.tmux.variable } : bare;
}

/** Runs `otop sessions --all` once in the sandbox's environment; throws what it said where it fails. */
export async function otopRows(rig: Rig, surroundings: Surroundings): Promise<readonly OtopRow[]> {
  const { stdout } = await run(process.execPath, [otopPath, 'sessions', '--all'], {
    env: otopEnvironment(rig, surroundings),
    cwd: rig.sandbox.home,
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as OtopRow[];
}
