import type { Durations } from '../durations.ts';
import type { FigureRow } from '../targets.ts';
import type { WatchCost } from './cost.ts';
import type { Delays } from './delays.ts';
import type { MonitorProgram } from './monitors.ts';

/** A fleet and the cost of each monitor with it. */
export interface Watched {
  readonly title: string;
  readonly maxPercent: number;
  /** True if otop must also cost less than htop. */
  readonly isBelowHtop?: boolean;
  readonly costs: readonly WatchCost[];
}

const maxRssBytes = 95e6;

/** Returns all figures of whole processes as rows with otop's targets and one cell for each monitor. */
export function wholeRows(
  programs: readonly MonitorProgram[],
  watched: readonly Watched[],
  delays: Delays,
): FigureRow[] {
  return [...costRows(programs, watched), ...delayRows(programs.length - 1, delays)];
}

/** Returns the CPU time of each monitor with each fleet, and its memory with the second fleet. */
export function costRows(programs: readonly MonitorProgram[], watched: readonly Watched[]): FigureRow[] {
  const row = (
    title: string,
    target: string,
    costs: readonly WatchCost[],
    show: (cost: WatchCost) => string,
    isMet: (cost: WatchCost) => boolean,
  ): FigureRow => {
    const cells = programs.map(({ name }) => {
      const cost = costs.find((one) => one.name === name);
      if (!cost) return { text: '-' };
      return { text: show(cost), ...(name === 'otop' && { isMet: isMet(cost) }) };
    });
    return { name: title, title, target, cells };
  };
  return [
    ...watched.map(({ title, maxPercent, isBelowHtop = false, costs }) => {
      const htop = costs.find(({ name }) => name === 'htop');
      const limitPercent = isBelowHtop ? Math.min(maxPercent, htop?.cpuPercent ?? maxPercent) : maxPercent;
      return row(
        `processor, ${title}`,
        `<= ${maxPercent} %${isBelowHtop ? ", below htop's" : ''}`,
        costs,
        ({ cpuPercent }) => `${cpuPercent.toFixed(2)} %`,
        ({ cpuPercent }) => cpuPercent <= limitPercent,
      );
    }),
    ...watched.slice(1, 2).map(({ title, costs }) =>
      row(
        `resident memory, ${title}`,
        '<= 95 MB',
        costs,
        ({ rssBytes }) => `${Math.round(rssBytes / 1e6)} MB`,
        ({ rssBytes }) => rssBytes <= maxRssBytes,
      ),
    ),
  ];
}

function delayRows(others: number, delays: Delays): FigureRow[] {
  const { firstFrame, bareNode, sessionsCommand, writeToFrame, keyToFrame } = delays;
  const alone = (title: string, target: string, text: string, isMet: boolean): FigureRow => ({
    name: title,
    title,
    target,
    cells: [{ text, isMet }, ...Array.from({ length: others }, () => ({ text: '' }))],
  });
  const within = (title: string, maxMs: number, { medianMs }: Durations) =>
    alone(title, `<= ${maxMs} ms`, `${medianMs.toFixed(1)} ms`, medianMs <= maxMs);
  const timesNode = firstFrame.medianMs / bareNode.medianMs;
  return [
    within('start to the first frame, median', 350, firstFrame),
    alone('  by `node -e 0`', '<= 6x', `${timesNode.toFixed(1)}x`, timesNode <= 6),
    within('`otop sessions`, median', 300, sessionsCommand),
    within('commit to frame, median', 100, writeToFrame),
    alone('  99 % within', '<= 250 ms', `${writeToFrame.p99Ms.toFixed(1)} ms`, writeToFrame.p99Ms <= 250),
    within('key to frame, median', 16, keyToFrame),
  ];
}
