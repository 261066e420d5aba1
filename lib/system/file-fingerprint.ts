import { statSync } from 'node:fs';

/**
 * Tells by one system call whether a file is still the one that was read: its number, size and time, which change with each
 * renaming into its place and each write. Undefined where there is no file, or it is not ours to see.
 */
export function fileFingerprint(path: string): string | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status && `${status.ino} ${status.size} ${status.mtimeMs}`;
  } catch {
    return undefined;
  }
}
