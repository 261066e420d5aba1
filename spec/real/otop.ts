import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { otopPath } from '../support/program.ts';
import type { Rig } from './rig.ts';

const run = promisify(execFile);

/** The scored part of `otop sessions`' JSON. */
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
  readonly last_prompt: string | null;
  readonly last_output: string | null;
  readonly todos: { readonly total: number; readonly done: number } | null;
}

/** How otop is started: as if inside the rig's tmux, or without any knowledge of tmux. */
export type Surroundings = 'tmux' | 'no tmux';

/** Returns otop's environment, without the rig's mark, which would make otop one of the rig's processes. */
export function otopEnvironment(rig: Rig, surroundings: Surroundings): Readonly<Record<string, string>> {
  const { OTOP_RIG: _mark, TMUX_TMPDIR = '', ...bare } = rig.sandbox.env;
  return surroundings === 'tmux' ? { ...bare, TMUX_TMPDIR, TMUX: rig.tmux.variable } : bare;
}

/** Runs `otop sessions --all` once in the sandbox's environment and returns its rows; rejects if it fails. */
export async function otopRows(rig: Rig, surroundings: Surroundings): Promise<readonly OtopRow[]> {
  return rowsOf(rig, surroundings, ['sessions', '--all']);
}

/** Runs `otop waiting --json` once as if inside the rig's tmux and returns its rows; rejects if otop cannot know. */
export async function otopWaiting(rig: Rig): Promise<readonly OtopRow[]> {
  return rowsOf(rig, 'tmux', ['waiting', '--json']).catch((error: unknown) => {
    // The exit code 1 says that nobody waits.
    if (error instanceof Error && 'code' in error && error.code === 1) return [];
    throw error;
  });
}

async function rowsOf(rig: Rig, surroundings: Surroundings, words: readonly string[]): Promise<OtopRow[]> {
  const { stdout } = await run(process.execPath, [otopPath, ...words], {
    env: otopEnvironment(rig, surroundings),
    cwd: rig.sandbox.home,
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as OtopRow[];
}
