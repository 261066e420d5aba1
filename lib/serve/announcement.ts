import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainFile } from '../system/files.ts';
import { stateFolder } from '../system/folders.ts';
import { writeOwnedFile } from '../system/owned-file.ts';
import type { Environment } from '../system/surroundings.ts';

/** A running `otop serve` tells other otops of this person where it is. */
export interface Announcement {
  readonly pid: number;
  /** To reach it from this machine. */
  readonly address: string;
  readonly port: number;
  /** Sent with each of its answers: who sends another is another program on its old port. */
  readonly instance: string;
  /** True where it answers nothing without the token. */
  readonly guarded: boolean;
}

/** Where it is told. */
export function announcementPath(env: Environment, homeDir: string): string {
  return join(stateFolder(env, homeDir), 'serve.json');
}

/** What a serve that may still run announced; undefined where there is none. Whether it runs, asking tells. */
export function readAnnouncement(path: string): Announcement | undefined {
  try {
    const stored: unknown = JSON.parse(readPlainFile(path));
    return isAnnouncement(stored) ? stored : undefined;
  } catch {
    // No serve, or a file that is not ours to understand: otop looks by itself.
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

/** Announces, for the owner only and as a whole (a new file, renamed over the old one); throws what the file system says. */
export function announce(path: string, announcement: Announcement): void {
  writeOwnedFile(path, `${JSON.stringify(announcement)}\n`);
}

/** Takes the announcement back where it is still this one. */
export function withdraw(path: string, instance: string): void {
  if (readAnnouncement(path)?.instance === instance) rmSync(path, { force: true });
}
