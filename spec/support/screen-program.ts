import { spawn } from 'node:child_process';
import type { Action } from '../../lib/domain/ui/action.ts';
import { keyAction } from '../../lib/domain/ui/key-action.ts';
import { reduce } from '../../lib/domain/ui/reduce.ts';
import { initialUiState, type UiState } from '../../lib/domain/ui/ui-state.ts';
import { exitProcess } from '../../lib/system/exit.ts';
import { guardHeap } from '../../lib/system/own-use.ts';
import { terminalWatchdog } from '../../lib/system/run-program.ts';
import { sanitize } from '../../lib/text/sanitize.ts';
import { dashboardView } from '../../lib/view/dashboard.ts';
import { unicodeGlyphs } from '../../lib/view/glyphs.ts';
import { themeStyles } from '../../lib/view/themes.ts';
import { createDashboard } from '../../widgets/dashboard.ts';
import { guardTerminal, type ProcessLike } from '../../widgets/lifecycle.ts';
import type { TerminalStream } from '../../widgets/screen-output.ts';
import { createTerminal } from '../../widgets/terminal.ts';
import { board, fleet, row } from './board.ts';
import { nowMs } from './builders.ts';

/**
 * A dashboard with the specs' fleet, for specs in a real tmux. Its own keys: `T` changes the titles' lengths and widths,
 * `X` throws, `R` rejects, `O` fills the heap slowly, `A` fills it by one allocation, `C` starts a child process as for the
 * clipboard, `K` kills itself, `P` writes to stdout and stderr, `S` followed by `t i h q z` sends itself SIGTERM, SIGINT,
 * SIGHUP, SIGQUIT or SIGTSTP.
 */
const signals: Readonly<Record<string, string>> = {
  t: 'SIGTERM',
  i: 'SIGINT',
  h: 'SIGHUP',
  q: 'SIGQUIT',
  z: 'SIGTSTP',
};
const allocated: unknown[] = [];
let isSignalNext = false;
const terminal = createTerminal({
  input: process.stdin,
  output: process.stdout as unknown as TerminalStream,
  env: process.env,
  mouse: true,
});
const lifecycle = guardTerminal({
  process: process as unknown as ProcessLike,
  terminal,
  watchdog: terminalWatchdog(),
  beforeExit: () => undefined,
  exit: exitProcess,
  crashMessage: (error) => `otop: ${error instanceof Error ? error.stack : String(error)}\n`,
});
const dashboard = createDashboard(terminal, themeStyles('default'));
const long = [
  row('w1', '日本語のとても長いタイトル 👍👍👍 完了'),
  row('w2', '👨‍👩‍👧 family 🇩🇪 flag ⚠ ❤️'),
  ...fleet.slice(2),
];
let shown = board(fleet);
let ui: UiState = initialUiState;

function draw(): void {
  const context = {
    cols: terminal.cols,
    rows: terminal.rows,
    nowMs,
    utcOffsetMinutes: 0,
    glyphs: unicodeGlyphs,
  };
  const view = dashboardView(shown, ui, context);
  ui = { ...ui, viewport: view.viewport };
  dashboard.update(view);
}

function act(action: Action): void {
  const step = reduce(ui, action, { board: shown, nowMs });
  ui = step.state;
  for (const effect of step.effects) {
    if (effect.type === 'quit') lifecycle.exit(0);
    if (effect.type === 'suspend') lifecycle.suspend();
    if (effect.type === 'redraw') terminal.redraw();
  }
  draw();
}

terminal.onKey((key) => {
  const signal = signals[key];
  if (isSignalNext && signal) {
    process.kill(process.pid, signal);
    return;
  }
  isSignalNext = key === 'S';
  if (isSignalNext) return;
  if (key === 'X') throw new Error('a bug on purpose');
  if (key === 'R') void Promise.reject(new Error('a rejection on purpose'));
  if (key === 'C') {
    spawn('sleep', ['60'], { stdio: 'ignore' });
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => undefined);
    act({ type: 'notice', text: sanitize('a child is alive') });
    return;
  }
  if (key === 'O') {
    setInterval(() => {
      allocated.push(Array.from({ length: 50_000 }, (_, index) => ({ index })));
      guardHeap();
    }, 1);
    return;
  }
  if (key === 'K') process.kill(process.pid, 'SIGKILL');
  if (key === 'A') allocated.push(JSON.parse(`[${'{},'.repeat(20_000_000)}0]`));
  if (key === 'P') {
    console.log('stray on stdout');
    process.emitWarning('stray warning');
    return;
  }
  if (key === 'T') {
    shown = board(shown.rows[0]?.key.endsWith('w1') ? fleet : long);
    // The second Board comes when the removed rows have faded out.
    for (const atMs of [nowMs, nowMs + 5000])
      ui = reduce(ui, { type: 'board' }, { board: shown, nowMs: atMs }).state;
    draw();
    return;
  }
  const meant = keyAction(key, ui, shown);
  if (meant && 'action' in meant) act(meant.action);
  else if (meant) act({ type: 'notice', text: sanitize(meant.disabled) });
});
dashboard.onAction(act);
terminal.onResize(draw);
act({ type: 'board' });
