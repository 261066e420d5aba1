import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { realPath } from './files.ts';

const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
/** Like `w`, but never waits for a pipe's reader. */
const draftFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK;

/**
 * Writes one of otop's own files whole: writes a new file and renames it over the old one, so that the old one survives
 * a full disk. The new file keeps the old one's mode; without an old one it is for the owner only. Writes to the target
 * of a symbolic link. Throws the file system's error. Does not use write-file-atomic (7.0.1, 8.0.0) or atomically
 * (2.1.1): on a full disk they rename an incomplete file.
 */
export function writeOwnedFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = realPath(path);
  const draft = `${target}.${process.pid}`;
  try {
    const descriptor = openSync(draft, draftFlags, modeOf(target));
    try {
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function modeOf(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777;
}
