import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** A changing set of files whose writes are reported. */
export interface FileEvents {
  /** Replaces the set; a folder that does not exist yet is tried again at the next call. */
  watch(paths: Iterable<string>): void;
  close(): void;
}

/**
 * Calls `onChange(path)` whenever one of the watched files is written, created or removed. The folders are
 * watched, not the files: a file deleted and created again keeps being heard, and ten files in one folder cost
 * one inotify watch. Where a file system gives no events nothing is called: a slow tick must lie below.
 */
export function openFileEvents(onChange: (path: string) => void): FileEvents {
  let wanted = new Map<string, Map<string, string>>();
  const watchers = new Map<string, FSWatcher>();

  const drop = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };

  const listen = (folder: string) => {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        const path = name === null ? undefined : wanted.get(folder)?.get(name);
        if (path !== undefined) onChange(path);
      });
      // A folder that is removed, or a limit of inotify: the slow tick goes on, and the next call tries again.
      watcher.on('error', () => drop(folder));
      watchers.set(folder, watcher);
    } catch {
      drop(folder);
    }
  };

  return {
    watch(paths) {
      wanted = new Map();
      for (const path of paths) {
        const folder = dirname(path);
        const names = wanted.get(folder) ?? new Map<string, string>();
        names.set(basename(path), path);
        wanted.set(folder, names);
      }
      for (const folder of [...watchers.keys()]) if (!wanted.has(folder)) drop(folder);
      for (const folder of wanted.keys()) if (!watchers.has(folder)) listen(folder);
    },
    close() {
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}
