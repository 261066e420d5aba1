import { basename } from 'node:path';
import type pidusage from 'pidusage';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Program } from './program.ts';

/** One process in the output of `ps`. */
export interface ListedProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly userId?: number;
  readonly startedAtMs?: number;
  readonly program: Program;
  readonly command: string;
}

/** The CPU time, memory and age of a process. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly elapsedMs: number;
}

/** `ps` can hang on a process that is just exiting, and neither package has a timeout. */
const timeoutMs = 3000;

function withTimeout<T>(promise: Promise<T>, program: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} took more than ${timeoutMs} ms`)), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Both packages are loaded only without `/proc`, so that they do not delay the start on Linux. */
let loadedUsage: typeof pidusage | undefined;

/** Splits a command at spaces, since `ps` joins arguments with them. Only the known path of the executable stays whole. */
function argvOf(command: string, path: string): readonly string[] {
  const hasPath = path !== '' && command.startsWith(path);
  const words = (hasPath ? command.slice(path.length) : command).split(/\s+/).filter((word) => word !== '');
  return hasPath ? [path, ...words] : words;
}

/** The processes of the machine by pid, from ps-list, which runs `ps` twice. Rejects if `ps` fails or hangs. */
export async function listProcesses(): Promise<ReadonlyMap<number, ListedProcess>> {
  const { default: psList } = await import('ps-list');
  const list = await withTimeout(psList(), 'ps');
  return new Map(
    list.map(({ pid, ppid, uid, name, path = '', cmd = '', startTime }) => {
      // On macOS the short name is the whole path.
      const executable = path !== '' ? path : name.startsWith('/') ? name : undefined;
      const program = omitUndefined({ name: basename(name), argv: argvOf(cmd, path), executable });
      const listed = omitUndefined({
        pid,
        parentPid: ppid,
        program,
        command: cmd,
        userId: uid,
        startedAtMs: startTime?.getTime(),
      });
      return [pid, listed] as const;
    }),
  );
}

/**
 * CPU time and memory by pid, from pidusage, which runs `ps` once. Ended processes are absent. Rejects if `ps` fails or
 * hangs. The percentage of pidusage is not used: it divides by whole seconds, and is 0 while it is unknown.
 */
export async function readUsage(pids: readonly number[]): Promise<ReadonlyMap<number, Usage>> {
  if (pids.length === 0) return new Map();
  loadedUsage ??= (await import('pidusage')).default;
  const usage: Readonly<Record<string, pidusage.Status | null | undefined>> = await withTimeout(
    loadedUsage([...pids]).catch((error: unknown) => {
      if (error instanceof Error && error.message === 'No matching pid found') return {};
      throw error;
    }),
    'ps',
  );
  return new Map(
    Object.values(usage).flatMap((status) => {
      if (!status) return [];
      const { pid, ctime, memory, elapsed } = status;
      return [[pid, { cpuMs: ctime, rssBytes: memory, elapsedMs: elapsed }] as const];
    }),
  );
}

/** Clears the history of pidusage and stops its timer. */
export function forgetUsage(): void {
  loadedUsage?.clear();
}
