import { type Abilities, terminalAbilities } from '../../widgets/abilities.ts';
import type { Options } from '../config/options.ts';
import { type LoadedSettings, loadSettings } from '../config/settings.ts';
import { BoardEnricher } from '../dashboard/enrich-board.ts';
import { frameSize, openingUiState, singleFrame } from '../dashboard/single-frame.ts';
import { terminalStyle } from '../dashboard/terminal-style.ts';
import { openMonitor } from '../monitor/open-monitor.ts';
import { takeBoardWithTotals, takeFirstBoard } from '../monitor/take-board.ts';
import { GitBranches } from '../sources/git-branch.ts';
import { type Context, exitCodes } from '../system/context.ts';
import { sanitize } from '../text/sanitize.ts';
import { frameText } from '../view/frame.ts';
import { screenHints } from './dashboard-hints.ts';

/** `otop`: runs the dashboard; prints one plain frame with --once or without a usable terminal. */
export async function runDashboard(options: Options, context: Context): Promise<number> {
  const abilities = terminalAbilities(context.env, context.stdout);
  const loaded = loadSettings(options, context);
  const { env, stdin, stdout } = context;
  if (!options.once && stdin.isTTY && stdout.isTTY && !abilities.screen) {
    const words = `TERM is ${env.TERM || 'not set'}: the screen needs a terminal that can move its cursor; set TERM to the type of yours, or use \`otop --once\``;
    context.stderr.write(`otop: ${sanitize(words)}\n`);
    return exitCodes.usage;
  }
  if (options.once || !abilities.screen || !context.stdin.isTTY)
    return printFrame(options, context, loaded, abilities);
  const { App } = await import('../dashboard/app.ts');
  const open = await openMonitor(options, context, true);
  const board = await takeFirstBoard(open.monitor, context.clock.nowMs());
  const hint = screenHints(options, context, abilities.utf8 || loaded.settings.ascii);
  new App(board, { options, loaded, abilities, hint }, context, open);
  // The lifecycle exits the process, on a key, a signal or a bug.
  return new Promise<never>(() => undefined);
}

async function printFrame(
  options: Options,
  context: Context,
  loaded: LoadedSettings,
  abilities: Abilities,
): Promise<number> {
  const { settings } = loaded;
  const { glyphs } = terminalStyle(abilities, settings);
  const { monitor } = await openMonitor(options, context, false);
  try {
    const frame = singleFrame({
      board: await takeBoardWithTotals(monitor, context),
      ui: openingUiState(options, settings),
      size: frameSize(options, context),
      glyphs,
      enricher: new BoardEnricher({ options, git: new GitBranches() }),
    });
    context.stdout.write(`${frameText(frame)}\n`);
    return exitCodes.ok;
  } finally {
    monitor.close();
  }
}
