import { statfs } from 'node:fs/promises';
import { duration } from '../text/format.ts';
import { type DisplayText, sanitize } from '../text/sanitize.ts';
import { homeFolders } from './folders.ts';
import type { Surroundings } from './surroundings.ts';

/** Asks whether the file systems answer before anything is read from them. */
export interface FilesystemProbe {
  /** False where one of them said nothing within this time. Costs nothing where all are the kernel's own. */
  answers(patienceMs: number): Promise<boolean>;
  /** False while an answer is waited for: who reads now may wait with it. */
  readonly mayRead: () => boolean;
  /** Who has been silent for longer than anybody wanted to wait, in words. */
  silence(): string | undefined;
  /** The same as a trouble of the Board. */
  trouble(): { readonly source: 'database'; readonly text: DisplayText } | undefined;
  /** Ends this process at once, and so unlike an orderly end: that would wait for the thread that waits for the answer. */
  abandon(): void;
}

/** What the guard needs of the world; specs give another one. */
export interface FilesystemProbeEnv {
  monotonicMs(): number;
  after(delayMs: number, run: () => void): { cancel(): void };
  /** The type of the file system of a folder, asked of the file system itself; rejects where there is no such folder. */
  fileSystemOf?: (path: string) => Promise<number>;
}

/**
 * Linux' magic numbers (`statfs(2)`) of file systems that are the kernel's own, and fail rather than hang: ext, XFS, Btrfs,
 * F2FS, ZFS, bcachefs, tmpfs, ramfs, overlay, squashfs.
 */
const ownTypes: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0xca451a4e, 0x01021994, 0x858458f6, 0x794c7630,
  0x73717368,
]);

/**
 * Watches over the folders in which a person's files are, of which some may be on a network. Reading a file there waits
 * for the server, for ever if need be, and nothing in a process can end that wait; `statfs`, which no cache answers, is
 * asked on a thread of its own instead. One question at a time, so that never more than one thread is lost.
 */
export function filesystemProbe(paths: readonly string[], world: FilesystemProbeEnv): FilesystemProbe {
  const { fileSystemOf = async (path) => (await statfs(path)).type } = world;
  let watched = [...new Set(paths)];
  let isSilent = false;
  let asking: { readonly done: Promise<void>; readonly sinceMs: number; path: string } | undefined;

  const ask = async (question: { path: string }) => {
    const remote: string[] = [];
    for (const path of watched) {
      question.path = path;
      // What is not there is in a folder that is asked, too.
      const type = await fileSystemOf(path).catch(() => undefined);
      if (type !== undefined && !ownTypes.has(type)) remote.push(path);
    }
    watched = remote;
    asking = undefined;
    isSilent = false;
  };

  const silence = () => {
    if (asking === undefined || !isSilent) return undefined;
    return `${asking.path} has not answered for ${duration(world.monotonicMs() - asking.sinceMs)}`;
  };

  return {
    async answers(patienceMs) {
      if (watched.length === 0) return true;
      if (asking === undefined) {
        const question = { path: '', sinceMs: world.monotonicMs() };
        asking = Object.assign(question, { done: ask(question) });
      }
      const { done } = asking;
      let timer: { cancel(): void } | undefined;
      const silence = new Promise<void>((resolve) => {
        timer = world.after(patienceMs, resolve);
      });
      await Promise.race([done, silence]);
      timer?.cancel();
      isSilent = asking !== undefined;
      return !isSilent;
    },
    mayRead: () => asking === undefined,
    silence,
    trouble() {
      const words = silence();
      return words === undefined
        ? undefined
        : { source: 'database', text: sanitize(`${words}: what is shown is from before`) };
    },
    abandon: () => void process.kill(process.pid, 'SIGKILL'),
  };
}

/** A home on a network may be slow, and waiting is better than failing; but not for ever, and not without a word. */
const homePatienceMs = 5000;

/** Whose home is asked, with the clock and the stream to say so on. */
interface HomeOwner extends Surroundings {
  readonly clock: FilesystemProbeEnv;
  readonly stderr: { write(text: string): unknown };
}

/** Nothing is read before the person's folders answered; where they do not, otop says so and ends. */
export async function awaitFilesystem({ env, homeDir, clock, stderr }: HomeOwner): Promise<FilesystemProbe> {
  const home = filesystemProbe(homeFolders({ env, homeDir }), clock);
  if (await home.answers(homePatienceMs)) return home;
  stderr.write(`${sanitize(`otop: ${home.silence()}; is it on a network that is down?`)}\n`);
  home.abandon();
  return home;
}
