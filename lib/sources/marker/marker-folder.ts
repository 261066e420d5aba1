import { closeSync, constants, fstatSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Marker } from '../../domain/evidence/marker.ts';
import { fileFingerprint, namesIn } from '../../system/files.ts';
import { parseMarker } from './parse-marker.ts';
import { isOtherBoot, type MarkerName, parseMarkerName } from './places.ts';

/** A marker is a few kilobytes; the bounds of the plugin keep it below this whatever it is told. */
const maxFileBytes = 4 * 1024 * 1024;
/** Where neither events nor the folder's time tell of a change, as on some network file systems. */
const listAgainMs = 10_000;

interface Known {
  readonly name: MarkerName;
  readonly fingerprint: string;
  /** Absent where the file could not be understood. */
  readonly marker?: Marker;
  readonly isOtherVersion?: boolean;
}

/** The plugin's files on this machine; only those that changed are read again. Nothing here throws. */
export class MarkerFolder {
  readonly #path: string;
  readonly #machine: string;
  readonly #host: string;
  #known = new Map<string, Known>();
  readonly #others = new Set<string>();
  #folderTime = '';
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #generation = 0;

  /** `machine` is of this boot; `host` tells which files an earlier boot left behind. */
  constructor(path: string, machine: string, host: string) {
    this.#path = path;
    this.#machine = machine;
    this.#host = host;
  }

  /** Another text where the folder was made anew; empty where there is none. */
  folderId = '';

  /** Another number after each look that found a change. */
  get generation(): number {
    return this.#generation;
  }

  get markers(): readonly Marker[] {
    return [...this.#known.values()].flatMap(({ marker }) => marker ?? []);
  }

  /** Processes whose plugin is of an otop with another format. */
  get otherVersions(): readonly number[] {
    return [...this.#known.values()].flatMap(({ name, isOtherVersion }) =>
      isOtherVersion ? [name.pid] : [],
    );
  }

  /** Every process of this machine that left a file here, drafts too. */
  get pids(): ReadonlySet<number> {
    return new Set([...this.#known.values()].map(({ name }) => name.pid));
  }

  /** Looks what changed: one system call where nothing did. `hinted` says that an event told of a change. */
  look(hinted: boolean, monotonicMs: number): void {
    const folderTime = this.#timeOfFolder();
    if (!hinted && folderTime === this.#folderTime && monotonicMs - this.#listedAtMs < listAgainMs) return;
    this.#folderTime = folderTime;
    this.#listedAtMs = monotonicMs;
    const found = new Map<string, Known>();
    for (const file of namesIn(this.#path)) {
      const name = parseMarkerName(file);
      if (name === undefined) continue;
      if (name.machine !== this.#machine) {
        this.#discardOfOtherBoot(file, name);
        continue;
      }
      const known = name.isDraft ? { name, fingerprint: '' } : this.#read(file, name);
      if (known !== undefined) found.set(file, known);
    }
    const isSame =
      found.size === this.#known.size && [...found].every(([file, known]) => this.#known.get(file) === known);
    if (isSame) return;
    this.#known = found;
    this.#generation++;
  }

  /** Removes what a process of this machine left behind; a folder that cannot be written keeps it, to no harm. */
  discard(pid: number): void {
    for (const [file, { name }] of this.#known) {
      if (name.pid !== pid) continue;
      this.#known.delete(file);
      this.#generation++;
      this.#remove(file);
    }
  }

  /** A home may be shared: of another boot only what bears this machine's name is surely dead. Each is looked at once. */
  #discardOfOtherBoot(file: string, name: MarkerName): void {
    if (name.isDraft || this.#others.has(file) || !isOtherBoot(name.machine, this.#machine)) return;
    this.#others.add(file);
    if (this.#read(file, name)?.marker?.host === this.#host) this.#remove(file);
  }

  #remove(file: string): void {
    try {
      rmSync(join(this.#path, file), { force: true });
    } catch {
      // A folder that cannot be written: it is ignored from now on, and its process is gone.
    }
  }

  #timeOfFolder(): string {
    this.folderId = '';
    try {
      const status = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
      if (status === undefined) return '';
      this.folderId = `${status.ino}`;
      return `${status.mtimeNs} ${status.ino}`;
    } catch {
      // In another user's folder: none of ours is there.
      return '';
    }
  }

  /** The file as it was read before where it is the same; undefined where it is none, or went while it was looked at. */
  #read(file: string, name: MarkerName): Known | undefined {
    let fd: number | undefined;
    try {
      const path = join(this.#path, file);
      const fingerprint = fileFingerprint(path);
      if (fingerprint === undefined) return undefined;
      const before = this.#known.get(file);
      if (before?.fingerprint === fingerprint) return before;
      // Not a link, and not one that waits for a writer: nothing but the plugin's plain file.
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
