import { realpathSync } from 'node:fs';

/** A path with its symbolic links followed; the path itself where they lead to nothing. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
