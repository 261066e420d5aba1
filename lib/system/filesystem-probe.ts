import { statfs } from 'node:fs/promises';
import { duration } from '../text/format.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { homeFolders } from './folders.ts';
import type { Surroundings } from './surroundings.ts';

/** Checks whether the file systems respond before anything is read from them. */
export interface FilesystemProbe {
  /** False if one of them did not respond within this time. Costs nothing if all are local file systems. */
  answers(timeoutMs: number): Promise<boolean>;
  /** False while a response is pending: a read may block too. */
  readonly mayRead: () => boolean;
  /** Names the folder that has timed out and for how long it has not responded; undefined if all respond. */
  silence(): string | undefined;
  /** The same as a trouble of the Board. */
  trouble(): { readonly source: 'database'; readonly text: DisplayText } | undefined;
  /** Kills this process at once. An orderly exit would wait for the thread that waits for the response. */
  abandon(): void;
}

/** The clock and the system call that the probe uses; specs replace them. */
export interface FilesystemProbeEnv {
  monotonicMs(): number;
  after(delayMs: number, run: () => void): { cancel(): void };
  /** Asks the file system of a folder for its type; rejects if there is no such folder. */
  fileSystemOf?: (path: string) => Promise<number>;
}

/**
 * Linux' magic numbers (`statfs(2)`) of local file systems, which fail instead of hanging: ext, XFS, Btrfs, F2FS, ZFS,
 * bcachefs, tmpfs, ramfs, overlay, squashfs.
 */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0xca451a4e, 0x01021994, 0x858458f6, 0x794c7630,
  0x73717368,
]);

/**
 * Probes the folders of the user's files, which may be on a network. A read there can block for ever, and no process
 * can end that wait. So the probe first calls `statfs`, which no cache answers, on a thread of its own; only one call
 * at a time, so that at most one thread hangs.
 */
export function filesystemProbe(paths: readonly string[], env: FilesystemProbeEnv): FilesystemProbe {
  const { fileSystemOf = async (path) => (await statfs(path)).type } = env;
  let watched = [...new Set(paths)];
  let isTimedOut = false;
  let pending: { readonly done: Promise<void>; readonly sinceMs: number; path: string } | undefined;

  const callAll = async (call: { path: string }) => {
    const remote: string[] = [];
    for (const path of watched) {
      call.path = path;
      // A folder that does not exist needs no probe: its parent is probed too.
      const type = await fileSystemOf(path).catch(() => undefined);
      if (type !== undefined && !localTypes.has(type)) remote.push(path);
    }
    watched = remote;
    pending = undefined;
    isTimedOut = false;
  };

  const silence = () => {
    if (pending === undefined || !isTimedOut) return undefined;
    return `${pending.path} has not answered for ${duration(env.monotonicMs() - pending.sinceMs)}`;
  };

  return {
    async answers(timeoutMs) {
      if (watched.length === 0) return true;
      if (pending === undefined) {
        const call = { path: '', sinceMs: env.monotonicMs() };
        pending = Object.assign(call, { done: callAll(call) });
      }
      const { done } = pending;
      let timer: { cancel(): void } | undefined;
      const timedOut = new Promise<void>((resolve) => {
        timer = env.after(timeoutMs, resolve);
      });
      await Promise.race([done, timedOut]);
      timer?.cancel();
      isTimedOut = pending !== undefined;
      return !isTimedOut;
    },
    mayRead: () => pending === undefined,
    silence,
    trouble() {
      const words = silence();
      return words === undefined
        ? undefined
        : { source: 'database', text: sanitize(`${words}: otop shows its last known state`) };
    },
    abandon: () => void process.kill(process.pid, 'SIGKILL'),
  };
}

/** A home folder on a network may be slow. Waiting is better than failing, but not for ever and not without a message. */
const filesystemTimeoutMs = 5000;

/** The user whose folders are probed, and the clock and the stream for the message. */
interface FilesystemOwner extends Surroundings {
  readonly clock: FilesystemProbeEnv;
  readonly stderr: { write(text: string): unknown };
}

/** Resolves once the user's folders respond. If they do not in time, prints a message and kills otop. */
export async function awaitFilesystem({
  env,
  homeDir,
  clock,
  stderr,
}: FilesystemOwner): Promise<FilesystemProbe> {
  const probe = filesystemProbe(homeFolders({ env, homeDir }), clock);
  if (await probe.answers(filesystemTimeoutMs)) return probe;
  stderr.write(`${sanitize(`otop: ${probe.silence()}; is it on a network that is down?`)}\n`);
  probe.abandon();
  return probe;
}
