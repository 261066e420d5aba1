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

/** If more bytes than this are new since the last poll (the machine slept), reading restarts at the tail. */
const maxNewBytes = 8 * 1024 * 1024;
/** Limits the memory for one file, since runs of ended processes stay in the map. */
const maxRuns = 512;
/** Lines older than the process by more than this are not its own. The clocks of log and system differ by less. */
const startSlackMs = 2_000;

/**
 * One log file and the events of its runs; a log that belongs to one process has a single run, `''`. Nothing is read
 * twice, and a file that shrank or was replaced is read as a new one.
 */
export class LogFile {
  readonly #coverage = new Coverage();
  readonly #runs = new LRUCache<string, RunEvents>({ max: maxRuns });
  #identity = '';
  #end = 0;

  /** The events of a run, from the lines that were read so far. */
  run(name: string): RunEvents {
    const known = this.#runs.get(name);
    if (known !== undefined) return known;
    const run = new RunEvents();
    this.#runs.set(name, run);
    return run;
  }

  /** The names of the stored runs, the least recently used first. */
  get runNames(): readonly string[] {
    return [...this.#runs.rkeys()];
  }

  /**
   * Reads the bytes appended since the last call; of a new file only the last slice. Returns true if reading restarted:
   * then everything known of runs and positions is invalid.
   */
  readNew(file: OpenFile): boolean {
    const newBytes = file.size - this.#end;
    const isRestart = file.identity !== this.#identity || newBytes < 0 || newBytes > maxNewBytes;
    if (isRestart) this.#reset(file);
    while (this.#end < file.size) {
      const slice = sliceFrom(file, this.#end);
      if (slice.end === this.#end) break;
      this.#addLines(slice);
      this.#end = slice.end;
    }
    return isRestart;
  }

  /** Reads the first slice, because a log that belongs to one process has the arguments there. */
  readHead(file: OpenFile): void {
    if (this.#coverage.rangeBefore(1) === undefined) this.#addLines(sliceFrom(file, 0));
  }

  /** The `run=` of the line that ends at `position`; undefined if there is no such line. */
  runAt(file: OpenFile, position: number): string | undefined {
    const line = lineEndingAt(file, position);
    return line === undefined ? undefined : parseLogLine(line)?.run;
  }

  /** The number of bytes before `position` that were read without a gap. */
  readBytesBefore(position: number): number {
    const range = this.#coverage.rangeBefore(position);
    return range === undefined ? 0 : position - range.start;
  }

  /**
   * Reads one slice backwards from the last byte before `position` that was not read yet, and returns `read`. Returns
   * `start` if everything back to `startedAtMs` (or to the start of the file) was already read.
   */
  searchBack(file: OpenFile, position: number, startedAtMs: number | undefined): 'read' | 'start' {
    const range = this.#coverage.rangeBefore(position);
    const to = range?.start ?? position;
    if (to === 0) return 'start';
    if (range?.firstLineAtMs !== undefined && range.firstLineAtMs < (startedAtMs ?? 0) - startSlackMs)
      return 'start';
    this.#addLines(sliceUpTo(file, to, this.#coverage.lastEndUntil(to)));
    return 'read';
  }

  /**
   * Reads the lines written from `fromMs` to `toMs`, at most four slices anywhere in the file. This is for systems
   * without descriptor positions: a run is recognised by the lines just after the start of its process.
   */
  readAround(file: OpenFile, fromMs: number, toMs: number): void {
    let at = offsetOfTime(file, fromMs);
    for (let slices = 0; slices < 4 && at < file.size; slices++) {
      const range = this.#coverage.rangeBefore(at + 1);
      const slice = range === undefined ? sliceFrom(file, at) : { start: at, end: range.end, lines: [] };
      if (slice.end === at || this.#addLines(slice) > toMs) return;
      at = slice.end;
    }
  }

  #reset(file: OpenFile): void {
    this.#identity = file.identity;
    this.#end = tailStart(file);
    this.#coverage.clear();
    this.#runs.clear();
  }

  /** Adds the lines of a slice to their runs. Returns the time of the last line, or 0 if no line has a time. */
  #addLines(slice: Slice): number {
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

/** Parses one line of either log format; returns undefined if it has neither format. */
export function parseLogLine(text: string): LogLine | undefined {
  return text.startsWith('timestamp=') ? parseLogfmtLine(text) : parseSpacedLine(text);
}

/**
 * The offset of the first line at or after `atMs`, at most one slice too early. Lines are in the order of time, so a
 * binary search needs about twenty small reads for 10 GB.
 */
function offsetOfTime(file: OpenFile, atMs: number): number {
  let low = 0;
  let high = file.size;
  while (high - low > sliceBytes) {
    const middle = Math.floor((low + high) / 2);
    const line = firstLineFrom(file, middle);
    if (line === undefined || line.atMs >= atMs) high = middle;
    else low = line.offset;
  }
  return low;
}

/** The first line after `offset` that has a time; undefined if the next 16 KB have none. */
function firstLineFrom(file: OpenFile, offset: number): { offset: number; atMs: number } | undefined {
  const start = afterNewline(file, offset);
  if (start === undefined) return undefined;
  for (const line of sliceFrom(file, start, start + 16 * 1024).lines) {
    const atMs = parseLogLine(line.text)?.atMs;
    if (atMs !== undefined) return { offset: line.offset, atMs };
  }
  return undefined;
}
