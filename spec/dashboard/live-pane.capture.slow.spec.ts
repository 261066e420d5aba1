import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capturePane } from '../../lib/dashboard/live-pane.ts';
import { runCommand } from '../../lib/system/run-program.ts';
import { pane, text } from '../support/builders.ts';
import { TmuxWorld } from '../support/tmux-world.ts';
import { waitMs } from '../support/wait.ts';

let world: TmuxWorld;
beforeEach(() => {
  world = new TmuxWorld();
});
afterEach(() => world.close());

describe('a captured pane, in a real tmux', () => {
  it('has its colours and cell positions, without trailing empty lines', async () => {
    const show = String.raw`printf '\033[1;32m  green\033[0m 日本 👍\n\033[48;2;10;10;10mdark'; cat`;
    const paneId = world.session('a', 'work', show);
    const shown = pane({ socketPath: world.socket('a'), paneId });
    await expect
      .poll(async () => await capturePane(shown, runCommand), { timeout: waitMs, interval: 50 })
      .toEqual({
        kind: 'lines',
        lines: [
          [
            { text: '  green', style: { bold: true, fg: 2 } },
            { text: ' 日本 👍', style: {} },
          ],
          [{ text: 'dark', style: { bg: 232 } }],
        ],
      });
  });

  it('is reported as gone if it does not exist', async () => {
    world.session('a', 'work');
    const gone = pane({ socketPath: world.socket('a'), paneId: '%99', target: text('work:0.0') });
    expect(await capturePane(gone, runCommand)).toEqual({ kind: 'none', why: 'the pane work:0.0 is gone' });
  });
});
