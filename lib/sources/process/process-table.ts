import { basename } from 'node:path';
import type pidusage from 'pidusage';
import { omitUndefined } from '../../domain/omit-undefined.ts';
import type { Program } from './program.ts';

/** One line of `ps`. */
export interface Listed {
  readonly pid: number;
  readonly parentPid: number;
  readonly userId?: number;
  readonly startedAtMs?: number;
  readonly program: Program;
  readonly command: string;
}

/** What a process has used up to now. */
export interface Used {
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly elapsedMs: number;
}

/** `ps` has been seen to hang on a process in the middle of its exit; neither package has a limit of its own. */
const timeoutMs = 3000;

function within<T>(promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} took more than ${timeoutMs} ms`)), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Both packages are loaded where `/proc` is not there: on Linux no start waits for them. */
let loadedUsage: typeof pidusage | undefined;

/** `ps` joins arguments with spaces: only the executable's own path, known from elsewhere, may hold some. */
function argvOf(command: string, path: string): readonly string[] {
  const hasPath = path !== '' && command.startsWith(path);
  const words = (hasPath ? command.slice(path.length) : command).split(/\s+/).filter((word) => word !== '');
  return hasPath ? [path, ...words] : words;
}

/** The machine's processes by ps-list: two `ps`, whatever their number. Rejects where `ps` fails or hangs. */
export async function listProcesses(): Promise<ReadonlyMap<number, Listed>> {
  const { default: psList } = await import('ps-list');
  const list = await within(psList(), 'ps');
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
 * Processor time and memory by pidusage: one `ps` for all. Its own percentage is left alone, since it divides by a
 * time of whole seconds and says 0 for what it cannot know yet. A process that is gone is absent; rejects only where
 * `ps` itself fails or hangs.
 */
export async function readUsage(pids: readonly number[]): Promise<ReadonlyMap<number, Used>> {
  if (pids.length === 0) return new Map();
  loadedUsage ??= (await import('pidusage')).default;
  const usage: Readonly<Record<string, pidusage.Status | null | undefined>> = await within(
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

/** Ends the timer by which pidusage forgets old processes. */
export function forgetUsage(): void {
  loadedUsage?.clear();
}
