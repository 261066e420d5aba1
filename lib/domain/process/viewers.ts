import type { Session } from '../session/session.ts';
import { parseArguments } from './arguments.ts';
import type { OpencodeProcess } from './process.ts';

/** True for opencode 2's background service, which runs all sessions (opencode-2.md, "Service and clients"). */
export function isService({ kind, args }: Pick<OpencodeProcess, 'kind' | 'args'>): boolean {
  return kind === 'serve' && args.includes('--service');
}

/**
 * The processes that only show sessions of another process: `attach URL`, `run --attach URL`, and next to opencode 2's
 * service each TUI without an open database. A TUI with unreadable files does not count: it may belong to opencode 1.
 */
export function viewersIn(processes: readonly OpencodeProcess[]): ReadonlySet<OpencodeProcess> {
  const hasService = processes.some(isService);
  const isViewer = ({ kind, args, databases, missing, ports }: OpencodeProcess) => {
    if (kind === 'attach' || parseArguments(args).serverUrl !== undefined) return true;
    return (
      hasService && kind === 'tui' && databases.length === 0 && missing.length === 0 && ports.length === 0
    );
  };
  return new Set(processes.filter(isViewer));
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
