import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { otopPath } from '../support/program.ts';
import type { Verdict } from './judge.ts';
import { otopEnvironment, type Surroundings } from './otop.ts';
import type { Report } from './report.ts';
import type { Rig } from './rig.ts';

const run = promisify(execFile);

/**
 * Installs otop's plugin in the sandbox's opencode before any pane is opened, and starts opencode once: with its first
 * plugin opencode installs a package into its config folder, and every start waits for that.
 */
export async function installPlugin(rig: Rig): Promise<void> {
  const env = otopEnvironment(rig, 'tmux');
  await run(process.execPath, [otopPath, 'plugin', 'install'], { env, cwd: rig.sandbox.home });
  const opencode = { env: rig.sandbox.env, cwd: rig.sandbox.home, timeout: 120_000 };
  // Its output and its exit code are irrelevant.
  await run('opencode', ['agent', 'list'], opencode).catch(() => undefined);
}

/**
 * Checks that with the plugin every match of a prompted process is certain. Without tmux, nothing reveals a switch to
 * another session, so the share is only printed.
 */
export function checkCertainty(
  report: Report,
  verdicts: readonly Verdict[],
  surroundings: Surroundings,
): void {
  const typed = verdicts.filter(({ typed }) => typed);
  const uncertain = typed.filter(({ confidence }) => confidence !== 'certain');
  if (typed.length === 0) return;
  const line = `with the plugin ${typed.length - uncertain.length} of ${typed.length} matches are certain (${surroundings})`;
  if (surroundings === 'tmux') report.check(uncertain.length === 0, line);
  else report.note(line);
  if (surroundings === 'tmux') for (const each of uncertain) report.note(`not certain: ${each.line}`);
}
