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
/** As `w`, but never waiting for a pipe's reader. */
const draftFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK;

/**
 * Writes one of otop's own files as a whole: a new one, renamed over the old one, so that a full disk leaves the old
 * one; for the owner only, or with the old one's mode. A link stays one: what it points to is written.
 * Throws what the file system says. Not by write-file-atomic (7.0.1, 8.0.0) or atomically (2.1.1): they rename a new
 * file of which a full disk took only a part.
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
