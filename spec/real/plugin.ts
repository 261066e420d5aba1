import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { otopPath } from '../support/program.ts';
import type { Verdict } from './judge.ts';
import { otopEnvironment, type Surroundings } from './otop.ts';
import type { Report } from './report.ts';
import type { Rig } from './rig.ts';

const run = promisify(execFile);

/**
 * Has otop put its plugin into the sandbox's opencode, before anything is opened there, and starts that once: with the
 * first plugin of any kind it fetches a package of its own into its config folder, and every start waits for that.
 */
export async function installPlugin(rig: Rig): Promise<void> {
  const env = otopEnvironment(rig, 'tmux');
  await run(process.execPath, [otopPath, 'plugin', 'install'], { env, cwd: rig.sandbox.home });
  const opencode = { env: rig.sandbox.env, cwd: rig.sandbox.home, timeout: 120_000 };
  // What it prints and how it ends is no matter.
  await run('opencode', ['agent', 'list'], opencode).catch(() => undefined);
}

/**
 * With the plugin every match of a process that a prompt was typed into must be certain. Without tmux nothing tells of a
 * switch to another session: there the share is printed and not judged.
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
