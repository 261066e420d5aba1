import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Reports writes to a set of files. */
export interface FileEvents {
  /** Replaces the set of files. A folder that does not exist yet is tried again at the next call. */
  watch(paths: Iterable<string>): void;
  close(): void;
}

/**
 * Calls `onChange(path)` whenever one of the watched files is written, created or removed. Watches the folders, not the
 * files, so that a file that is deleted and created again is still watched, and ten files in one folder cost one
 * inotify watch. Never throws. On a file system without events nothing is called, so the caller needs a slow tick too.
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
      // The folder was removed, or inotify's limit is reached. The slow tick continues, and the next call tries again.
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
