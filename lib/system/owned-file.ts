import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode, realPath } from './files.ts';

const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
/** Like `w`, but never waits for a pipe's reader. */
const draftFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK;

/** The path of the draft of a file. Hidden, since some programs load every file of a folder that is not. */
export function draftPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}`);
}

/**
 * Writes a file whole: writes a new file and renames it over the old one, so that the old one survives a full disk. The
 * new file keeps the old one's mode and owner; without an old one it gets `newMode`, for the owner only. Writes to the
 * target of a symbolic link. Throws the file system's error. Does not use write-file-atomic (7.0.1, 8.0.0) or atomically
 * (2.1.1): on a full disk they rename an incomplete file.
 */
export function writeOwnedFile(path: string, text: string, newMode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = realPath(path);
  const old = statSync(target, { throwIfNoEntry: false });
  const draft = draftPath(target);
  try {
    const descriptor = openSync(draft, draftFlags, 0o600);
    try {
      const made = fstatSync(descriptor);
      const isOthers = old && (old.uid !== made.uid || old.gid !== made.gid);
      // A device in the draft's place keeps its owner and its mode.
      if (made.isFile() && isOthers) fchownSync(descriptor, old.uid, old.gid);
      if (made.isFile()) fchmodSync(descriptor, (old?.mode ?? newMode) & 0o777);
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

/** Removes empty folders from `folder` up to `top`; removes nothing if `top` is not `folder` or a parent of it. */
export function removeEmptyFolders(folder: string, top: string): void {
  for (let each = folder; each === top || each.startsWith(`${top}/`); each = dirname(each)) {
    if (!removeIfEmpty(each)) return;
  }
}

/** Removes an empty folder. Returns true if the folder no longer exists. */
export function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}
