import { closeSync, constants, fstatSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Marker } from '../../domain/evidence/marker.ts';
import { fileFingerprint, namesIn } from '../../system/files.ts';
import { parseMarker } from './parse-marker.ts';
import { isOtherBoot, type MarkerName, parseMarkerName } from './places.ts';

/** A marker has a few kilobytes. The limits in the plugin keep it below this size. */
const maxFileBytes = 4 * 1024 * 1024;
/** Some network file systems report a change neither by an event nor by the time of the folder. */
const maxListAgeMs = 10_000;

/** A file of the folder, as it was last read. */
interface KnownFile {
  readonly name: MarkerName;
  readonly fingerprint: string;
  /** Absent if the file is a draft or cannot be parsed. */
  readonly marker?: Marker;
  readonly isOtherVersion?: boolean;
}

/** The marker files of this machine. Only files that changed are read again. No method throws. */
export class MarkerFolder {
  readonly #path: string;
  readonly #machine: string;
  readonly #host: string;
  #known = new Map<string, KnownFile>();
  readonly #checkedOtherBoot = new Set<string>();
  #folderFingerprint = '';
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #changeCount = 0;

  /** `machine` identifies this boot (`machineName`); `host` identifies files of an earlier boot of this machine. */
  constructor(path: string, machine: string, host: string) {
    this.#path = path;
    this.#machine = machine;
    this.#host = host;
  }

  /** The inode of the folder, to notice that it was created again; empty if there is no folder. */
  folderId = '';

  /** Grows with every change that was found. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** The markers that could be parsed. */
  get markers(): readonly Marker[] {
    return [...this.#known.values()].flatMap(({ marker }) => marker ?? []);
  }

  /** The pids of processes whose plugin writes another format version. */
  get otherVersionPids(): readonly number[] {
    return [...this.#known.values()].flatMap(({ name, isOtherVersion }) =>
      isOtherVersion ? [name.pid] : [],
    );
  }

  /** The pids of all processes of this machine with a file in the folder, drafts included. */
  get pids(): ReadonlySet<number> {
    return new Set([...this.#known.values()].map(({ name }) => name.pid));
  }

  /** Polls the folder; costs one system call if nothing changed. `hasEvent` means that a file event was received. */
  poll(hasEvent: boolean, monotonicMs: number): void {
    const fingerprint = this.#fingerprintOfFolder();
    const isListFresh = monotonicMs - this.#listedAtMs < maxListAgeMs;
    if (!hasEvent && fingerprint === this.#folderFingerprint && isListFresh) return;
    this.#folderFingerprint = fingerprint;
    this.#listedAtMs = monotonicMs;
    const found = new Map<string, KnownFile>();
    for (const file of namesIn(this.#path)) {
      const name = parseMarkerName(file);
      if (name === undefined) continue;
      if (name.machine !== this.#machine) {
        this.#removeOfOtherBoot(file, name);
        continue;
      }
      const known = name.isDraft ? { name, fingerprint: '' } : this.#read(file, name);
      if (known !== undefined) found.set(file, known);
    }
    const isSame =
      found.size === this.#known.size && [...found].every(([file, known]) => this.#known.get(file) === known);
    if (isSame) return;
    this.#known = found;
    this.#changeCount++;
  }

  /** Removes the files of an ended process of this machine. If the folder is not writable they stay and are ignored. */
  discard(pid: number): void {
    for (const [file, { name }] of this.#known) {
      if (name.pid !== pid) continue;
      this.#known.delete(file);
      this.#changeCount++;
      this.#remove(file);
    }
  }

  /** Removes a file of an earlier boot. Machines may share a home, so the file must contain the name of this host. */
  #removeOfOtherBoot(file: string, name: MarkerName): void {
    if (name.isDraft || this.#checkedOtherBoot.has(file) || !isOtherBoot(name.machine, this.#machine)) return;
    this.#checkedOtherBoot.add(file);
    if (this.#read(file, name)?.marker?.host === this.#host) this.#remove(file);
  }

  #remove(file: string): void {
    try {
      rmSync(join(this.#path, file), { force: true });
    } catch {
      // The folder is not writable. The file is ignored from now on, since its process has ended.
    }
  }

  #fingerprintOfFolder(): string {
    this.folderId = '';
    try {
      const status = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
      if (status === undefined) return '';
      this.folderId = `${status.ino}`;
      return `${status.mtimeNs} ${status.ino}`;
    } catch {
      // The folder of another user contains no markers of this one.
      return '';
    }
  }

  /** Reads a file, or returns the known one if it is unchanged. Returns undefined if it is missing or unreadable. */
  #read(file: string, name: MarkerName): KnownFile | undefined {
    let fd: number | undefined;
    try {
      const path = join(this.#path, file);
      const fingerprint = fileFingerprint(path);
      if (fingerprint === undefined) return undefined;
      const before = this.#known.get(file);
      if (before?.fingerprint === fingerprint) return before;
      // The plugin writes regular files only: a link is refused, and opening a pipe must not block.
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stat = fstatSync(fd);
      if (!stat.isFile() || stat.size > maxFileBytes) return { name, fingerprint };
      const bytes = Buffer.alloc(stat.size);
      const parsed = parseMarker(bytes.toString('utf8', 0, readSync(fd, bytes, 0, stat.size, 0)));
      if (parsed.kind === 'other version') return { name, fingerprint, isOtherVersion: true };
      if (parsed.kind === 'broken' || parsed.marker.pid !== name.pid) return { name, fingerprint };
      return { name, fingerprint, marker: parsed.marker };
    } catch {
      return undefined;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}
