import { otopEnvironment } from '../../../spec/real/otop.ts';
import { openPanes } from '../../../spec/real/play.ts';
import { randomFrom } from '../../../spec/real/random.ts';
import { type Rig, startRig } from '../../../spec/real/rig.ts';
import type { Figures } from '../results.ts';
import { settleMs, watchCosts } from './cost.ts';
import { costRows, type Watched } from './figures.ts';
import { monitorLabels, monitorPrograms } from './monitors.ts';

const paneCount = 10;
const workingCount = 3;
const seed = 1;

/**
 * Measures each monitor with ten real opencode processes of `version` in tmux, first while nothing happens, then while three
 * of them stream an answer. The rig installs opencode from npm if it is missing, and has its own model server. A real
 * opencode has about seventeen threads and one or two child processes. Throws if opencode does not answer.
 */
export async function benchReal(version: string, watchMs: number): Promise<Omit<Figures, 'load'>> {
  const programs = monitorPrograms();
  const rig = await startRig(version, seed);
  try {
    await openPanes({ rig }, paneCount, randomFrom(seed));
    for (const pane of rig.panes) await answered(rig, pane);
    const place = { folder: rig.sandbox.root, env: otopEnvironment(rig, 'tmux') };
    console.log(
      `${paneCount} sessions of opencode ${version}, nothing happens: watching for ${watchMs / 1000} s`,
    );
    const idle = await watchCosts(place, programs, watchMs);
    console.log(`… ${workingCount} of them stream: watching for ${watchMs / 1000} s`);
    const streamSeconds = Math.ceil((settleMs + watchMs) / 1000) + 15;
    for (const pane of rig.panes.slice(0, workingCount)) await rig.prompt(pane, `stream:${streamSeconds}`);
    const streaming = await watchCosts(place, programs, watchMs);
    const watched: Watched[] = [
      { title: `${paneCount} real sessions, nothing happens`, maxPercent: 0.3, costs: idle },
      {
        title: `${paneCount} real sessions, ${workingCount} stream`,
        maxPercent: 1.5,
        isBelowHtop: true,
        costs: streaming,
      },
    ];
    return { labels: monitorLabels(programs), rows: costRows(programs, watched) };
  } finally {
    await rig.stop();
  }
}

async function answered(rig: Rig, pane: Rig['panes'][number]): Promise<void> {
  await rig.prompt(pane, 'say');
  await rig.until(pane, 'an answer', ({ seen }) => seen.opencode && !seen.busy);
}
