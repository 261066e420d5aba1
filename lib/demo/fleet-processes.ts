import type { ChildProcess, OpencodeProcess, TmuxPane } from '../domain/process/process.ts';
import { sanitize } from '../text/sanitize.ts';
import { firstPid } from './fleet-state.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** Files that every process of the fleet has open. */
export interface FleetFiles {
  readonly databasePath: string;
  readonly logPath: string;
}

const mebibyte = 1024 * 1024;

/** Returns one simulated process in the form of the process sources, at `nowMs`. */
export function describeProcess(
  simulated: SimulatedProcess,
  files: FleetFiles,
  nowMs: number,
): OpencodeProcess {
  const { start } = simulated;
  const { pid, tty, tmuxTarget, orphan = false } = start;
  return {
    pid,
    parentPid: orphan ? 1 : firstPid,
    kind: start.kind,
    args: start.args,
    startedAtMs: start.startedAtMs,
    cwd: start.cwd,
    cwdText: sanitize(start.cwd),
    ...(tty !== undefined && { tty: sanitize(tty) }),
    orphan,
    ...usage(simulated, nowMs),
    databases: [files.databasePath],
    logs: [
      {
        path: files.logPath,
        readPath: files.logPath,
        deleted: false,
        ...(simulated.logPositionBytes !== undefined && { positionBytes: simulated.logPositionBytes }),
      },
    ],
    ports: [],
    children: children(simulated),
    ...(tmuxTarget !== undefined && { pane: pane(simulated, tmuxTarget) }),
    missing: [],
  };
}

/** CPU and memory similar to opencode's (opencode.md, "CPU and memory"), with a new random part every two seconds. */
function usage({ start, busyTurns, stepsTaken, shell }: SimulatedProcess, nowMs: number) {
  const noise = noiseOf(start.pid, Math.floor(nowMs / 2000));
  const idlePercent = start.kind === 'tui' ? 1 + 2 * noise : 0.2 + noise;
  const cpuPercent = busyTurns > 0 ? 6 + 18 * noise : shell ? 3 + 4 * noise : idlePercent;
  const grownBytes = Math.min(420, stepsTaken * 1.5) * mebibyte;
  const rssBytes = (410 + (start.pid % 90) + 6 * noise) * mebibyte + grownBytes;
  return { cpuPercent: Math.round(cpuPercent * 10) / 10, rssBytes: Math.round(rssBytes) };
}

/** A hash of pid and step as a number from 0 to 1. */
function noiseOf(pid: number, step: number): number {
  let mixed = Math.imul(pid ^ Math.imul(step, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

function children({ start, shell }: SimulatedProcess): ChildProcess[] {
  const list: ChildProcess[] = [];
  if (start.mcp) {
    const command = sanitize('node /home/mia/.npm/_npx/postgres-mcp/index.js');
    list.push({ pid: start.pid + 1, startedAtMs: start.startedAtMs + 2500, command });
  }
  if (shell)
    list.push({ pid: start.pid + 2, startedAtMs: shell.startedAtMs, command: sanitize(shell.command) });
  return list;
}

function pane({ start, shownTitle }: SimulatedProcess, target: string): TmuxPane {
  const title = shownTitle === undefined ? 'OpenCode' : `OC | ${cut(shownTitle)}`;
  return {
    // The socket does not exist, so otop cannot jump to a pane of the fleet.
    socketPath: '/nonexistent/otop-demo/tmux',
    paneId: `%${start.pid}`,
    target: sanitize(target),
    windowName: sanitize('opencode'),
    title: sanitize(title),
    active: target === 'work:1.0',
  };
}

/** The TUI shortens titles of more than 40 characters (opencode.md, "Terminal title"). */
function cut(title: string): string {
  return title.length > 40 ? `${title.slice(0, 37)}…` : title;
}
