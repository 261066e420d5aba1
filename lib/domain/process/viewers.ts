import type { Session } from '../session/session.ts';
import { parseArguments } from './arguments.ts';
import type { OpencodeProcess } from './process.ts';

/**
 * True for opencode 2's background service, which runs all sessions: `--service` (opencode-2.md, "Service and clients"),
 * `--register` in the preview (opencode-2.md, "Processes of the builds").
 */
export function isService({ kind, args }: Pick<OpencodeProcess, 'kind' | 'args'>): boolean {
  return kind === 'serve' && (args.includes('--service') || args.includes('--register'));
}

/** True for the private server of `--standalone` or of another program (opencode-2.md, "Service and clients"). */
export function isPrivateServer({ kind, args }: OpencodeProcess): boolean {
  return kind === 'serve' && args.includes('--stdio');
}

/**
 * The processes that only show sessions of another process: `attach URL`, `run --attach URL`, `--server URL`, and next to a
 * service or a private server of opencode 2 each TUI and `run` without an open database. A process with unreadable files
 * does not count: it may belong to opencode 1.
 */
export function viewersIn(processes: readonly OpencodeProcess[]): ReadonlySet<OpencodeProcess> {
  const hasHost = processes.some((process) => isService(process) || isPrivateServer(process));
  const isViewer = ({ kind, args, databases, missing, ports }: OpencodeProcess) => {
    if (kind === 'attach' || parseArguments(args).serverUrl !== undefined) return true;
    const isClient = kind === 'tui' || kind === 'run';
    return hasHost && isClient && databases.length === 0 && missing.length === 0 && ports.length === 0;
  };
  return new Set(processes.filter(isViewer));
}

/** True for the private server of a `--standalone` TUI: the row of the TUI shows both. */
export function hasOwnTui(process: OpencodeProcess, processes: readonly OpencodeProcess[]): boolean {
  return (
    isPrivateServer(process) &&
    processes.some(({ pid, kind }) => pid === process.parentPid && kind !== 'serve')
  );
}

/** A service that loses the race for its note ends within this time (opencode-2.md, "Run the preview offline"). */
const raceMs = 15_000;

/**
 * True for a service that may lose the race for the service's note: a young one without a port, or one of several. After a
 * service has stopped, each open TUI starts two, and all but one end (opencode-2.md, "Processes of the builds").
 */
export function isRacing(
  process: OpencodeProcess,
  processes: readonly OpencodeProcess[],
  nowMs: number,
): boolean {
  const { startedAtMs, ports } = process;
  if (!isService(process) || startedAtMs === undefined || nowMs - startedAtMs > raceMs) return false;
  return ports.length === 0 || processes.filter(isService).length > 1;
}

/** True if the service runs the session and no viewer is in its directory, so nobody sees its work. */
export function isUnwatched(
  process: OpencodeProcess | undefined,
  { directoryPath }: Session,
  viewers: Iterable<OpencodeProcess>,
): boolean {
  if (process === undefined || !isService(process) || directoryPath === undefined) return false;
  return ![...viewers].some(({ cwd }) => cwd === undefined || cwd === directoryPath);
}
