import { LRUCache } from 'lru-cache';
import {
  afterNewline,
  Coverage,
  lineEndingAt,
  type OpenFile,
  type Slice,
  sliceBytes,
  sliceFrom,
  sliceUpTo,
} from './file-slices.ts';
import type { LogLine } from './log-event.ts';
import { parseLogfmtLine } from './parse-logfmt.ts';
import { parseSpacedLine } from './parse-spaced.ts';
import { RunEvents } from './run-events.ts';

/** More new bytes than this since the last look (a machine that slept) are not read through: begun anew. */
const maxNewBytes = 8 * 1024 * 1024;
/** The runs of one file whose events are kept: processes that ended leave theirs behind. */
const keptRuns = 512;
/** Lines this much before a process's start cannot be its own; clocks of the two sources differ by less. */
const startSlackMs = 2_000;

/**
 * One log file and what its runs wrote in it: a process's own log has one run, `''`. Nothing is read twice, no look
 * reads more than it was asked to, and a file that shrank or was replaced is begun anew.
 */
export class LogFile {
  readonly #coverage = new Coverage();
  readonly #runs = new LRUCache<string, RunEvents>({ max: keptRuns });
  #identity = '';
  #end = 0;

  /** The events of a run, however few of its lines were read so far. */
  run(name: string): RunEvents {
    const known = this.#runs.get(name);
    if (known !== undefined) return known;
    const run = new RunEvents();
    this.#runs.set(name, run);
    return run;
  }

  /** The names of the runs kept, the one asked for longest ago first. */
  get runNames(): readonly string[] {
    return [...this.#runs.rkeys()];
  }

  /**
   * Reads what was appended since the last call; of a file not seen before, the last slice. Returns whether the file
   * was begun anew: what was known of its runs and positions is void.
   */
  readNew(file: OpenFile): boolean {
    const newBytes = file.size - this.#end;
    const isNew = file.identity !== this.#identity || newBytes < 0 || newBytes > maxNewBytes;
    if (isNew) this.#reset(file);
    while (this.#end < file.size) {
      const slice = sliceFrom(file, this.#end);
      if (slice.end === this.#end) break;
      this.#take(slice);
      this.#end = slice.end;
    }
    return isNew;
  }

  /** Reads the first slice, where a process's own log holds its arguments. */
  readHead(file: OpenFile): void {
    if (this.#coverage.before(1) === undefined) this.#take(sliceFrom(file, 0));
  }

  /** The `run=` of the line that ends at `position`; undefined where there is no such line. */
  runAt(file: OpenFile, position: number): string | undefined {
    const line = lineEndingAt(file, position);
    return line === undefined ? undefined : parseLogLine(line)?.run;
  }

  /** How many bytes before `position` are known without a gap. */
  knownBytesBefore(position: number): number {
    const known = this.#coverage.before(position);
    return known === undefined ? 0 : position - known.start;
  }

  /**
   * Reads one slice backwards from the last byte before `position` that was not read yet. Returns `start` where
   * everything back to `startedAtMs` (or to the file's begin) is known already, else `read`.
   */
  searchBack(file: OpenFile, position: number, startedAtMs: number | undefined): 'read' | 'start' {
    const known = this.#coverage.before(position);
    const to = known?.start ?? position;
    if (to === 0) return 'start';
    if (known?.firstLineAtMs !== undefined && known.firstLineAtMs < (startedAtMs ?? 0) - startSlackMs)
      return 'start';
    this.#take(sliceUpTo(file, to, this.#coverage.lastEndUpTo(to)));
    return 'read';
  }

  /**
   * Reads the lines written around `fromMs`, wherever they stand in the file: at most four slices. For systems that do
   * not tell a descriptor's position, where a run is known by what it wrote just after its process started.
   */
  readAround(file: OpenFile, fromMs: number, toMs: number): void {
    let at = offsetOfTime(file, fromMs);
    for (let slices = 0; slices < 4 && at < file.size; slices++) {
      const known = this.#coverage.before(at + 1);
      const slice = known === undefined ? sliceFrom(file, at) : { start: at, end: known.end, lines: [] };
      if (slice.end === at || this.#take(slice) > toMs) return;
      at = slice.end;
    }
  }

  #reset(file: OpenFile): void {
    this.#identity = file.identity;
    this.#end = tailStart(file);
    this.#coverage.clear();
    this.#runs.clear();
  }

  /** Files the slice's lines by run; returns the time of its last line, 0 where it has none. */
  #take(slice: Slice): number {
    let firstLineAtMs: number | undefined;
    let lastLineAtMs = 0;
    let name: string | undefined;
    let run = new RunEvents();
    for (const { text, offset } of slice.lines) {
      const line = parseLogLine(text);
      if (line === undefined) continue;
      firstLineAtMs ??= line.atMs;
      lastLineAtMs = line.atMs;
      if (name !== (line.run ?? '')) {
        name = line.run ?? '';
        run = this.run(name);
      }
      run.add(line, offset);
    }
    const { start, end } = slice;
    this.#coverage.add(firstLineAtMs === undefined ? { start, end } : { start, end, firstLineAtMs });
    return lastLineAtMs;
  }
}

function tailStart(file: OpenFile): number {
  if (file.size <= sliceBytes) return 0;
  return afterNewline(file, file.size - sliceBytes) ?? file.size;
}

/** Understands one line of either log format; undefined for what is neither. */
export function parseLogLine(text: string): LogLine | undefined {
  return text.startsWith('timestamp=') ? parseLogfmtLine(text) : parseSpacedLine(text);
}

/**
 * Where the lines from `atMs` on begin, found by halving: a log's lines stand in the order of time, so 10 GB take
 * some twenty small reads. Off by at most one slice, on the early side.
 */
function offsetOfTime(file: OpenFile, atMs: number): number {
  let early = 0;
  let late = file.size;
  while (late - early > sliceBytes) {
    const middle = Math.floor((early + late) / 2);
    const line = firstLineFrom(file, middle);
    if (line === undefined || line.atMs >= atMs) late = middle;
    else early = line.offset;
  }
  return early;
}

/** The first line after `offset` that has a time; undefined where there is none in the next slice. */
function firstLineFrom(file: OpenFile, offset: number): { offset: number; atMs: number } | undefined {
  const start = afterNewline(file, offset);
  if (start === undefined) return undefined;
  for (const line of sliceFrom(file, start, start + 16 * 1024).lines) {
    const atMs = parseLogLine(line.text)?.atMs;
    if (atMs !== undefined) return { offset: line.offset, atMs };
  }
  return undefined;
}
