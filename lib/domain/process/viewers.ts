import type { Session } from '../session/session.ts';
import { parseArguments } from './arguments.ts';
import type { OpencodeProcess } from './process.ts';

/** opencode 2's background service: it runs all sessions, and TUIs only show them (opencode-2.md, "Service and clients"). */
export function isService({ kind, args }: Pick<OpencodeProcess, 'kind' | 'args'>): boolean {
  return kind === 'serve' && args.includes('--service');
}

/**
 * The processes that only show what another one runs: `attach URL`, `run --attach URL`, and beside opencode 2's service
 * each TUI that holds no database open. A TUI whose files cannot be read is none: it may be one of opencode 1.
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

/** True where the service runs a session and no viewer is in its directory: nobody sees what it does. */
export function isUnwatched(
  process: OpencodeProcess | undefined,
  { directoryPath }: Session,
  viewers: Iterable<OpencodeProcess>,
): boolean {
  if (process === undefined || !isService(process) || directoryPath === undefined) return false;
  return ![...viewers].some(({ cwd }) => cwd === undefined || cwd === directoryPath);
}
