import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainFile } from '../system/files.ts';
import { stateFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment } from '../system/surroundings.ts';

/** The file in which a running `otop serve` tells other otops of the same user its address. */
export interface Announcement {
  readonly pid: number;
  /** The address to reach it from this machine. */
  readonly address: string;
  readonly port: number;
  /** Sent with each response. A response with another one comes from another program on the old port. */
  readonly instance: string;
  /** True if every request needs the token. */
  readonly guarded: boolean;
}

/** Returns the path of the announcement. */
export function announcementPath(env: Environment, homeDir: string): string {
  return join(stateFolder(env, homeDir), 'serve.json');
}

/** Returns the announcement, or undefined if there is none. Its serve may have ended without removing it. */
export function readAnnouncement(path: string): Announcement | undefined {
  try {
    const stored: unknown = JSON.parse(readPlainFile(path));
    return isAnnouncement(stored) ? stored : undefined;
  } catch {
    // No serve runs, or a later otop wrote the file in another form. The caller then reads the sessions itself.
    return undefined;
  }
}

function isAnnouncement(stored: unknown): stored is Announcement {
  if (typeof stored !== 'object' || stored === null) return false;
  const { pid, address, port, instance, guarded } = stored as Record<string, unknown>;
  return (
    typeof pid === 'number' &&
    typeof address === 'string' &&
    typeof port === 'number' &&
    port > 0 &&
    port < 65_536 &&
    typeof instance === 'string' &&
    typeof guarded === 'boolean'
  );
}

/** Writes the announcement atomically, readable by its owner only. Throws file system errors. */
export function announce(path: string, announcement: Announcement): void {
  writeOwnedFile(path, `${JSON.stringify(announcement)}\n`);
}

/** Removes the announcement if it still is of this instance. Throws file system errors. */
export function withdraw(path: string, instance: string): void {
  if (readAnnouncement(path)?.instance === instance) rmSync(path, { force: true });
}
