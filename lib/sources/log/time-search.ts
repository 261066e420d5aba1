import { afterNewline, type OpenFile, sliceBytes, sliceFrom } from './file-slices.ts';
import { parseLogLine } from './parse-line.ts';

/**
 * Where the lines from `atMs` on begin, found by halving: a log's lines stand in the order of time, so 10 GB take
 * some twenty small reads. Off by at most one slice, on the early side.
 */
export function offsetOfTime(file: OpenFile, atMs: number): number {
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
