import { openDatabaseReader } from '../../lib/sources/sqlite/snapshot.ts';
import type { SqlEngine } from '../../lib/sources/sqlite/sql-engine.ts';
import { medianOf, timed } from './durations.ts';
import type { NativeFigures, Request } from './figures.ts';
import { NativeReader } from './native.ts';
import { type Ran, RecordingEngine } from './recording-engine.ts';
import { isUnfinished, Subject, type Wanted } from './subject.ts';

const refreshes = 200;

/**
 * After each commit, repeats the refresh's statements by otop's reader (snapshot, pages, statements, final check) and by
 * native SQLite (in a read transaction), each with an open connection and with a new one.
 */
export async function measureNative(
  { path, wanted }: { readonly path: string; readonly wanted: Wanted },
  engine: SqlEngine,
  request: Request,
): Promise<NativeFigures> {
  const recording = new RecordingEngine(engine);
  const subject = new Subject(path, recording, wanted);
  while (isUnfinished(subject.refresh()));
  const reader = new RowsReader(path, engine);
  const native = new NativeReader(path);
  const contest = {
    reader: contestant((statements) => reader.run(statements)),
    native: contestant((statements) => native.run(statements)),
    openedReader: contestant((statements) => runOnce(new RowsReader(path, engine), statements)),
    openedNative: contestant((statements) => runOnce(new NativeReader(path), statements)),
  };
  const counts = { statements: 0, rows: 0 };
  for (let commit = 0; commit < refreshes; commit += 1) {
    await request({ ask: 'commit', count: 1 });
    recording.take();
    subject.refresh();
    const statements = recording.take();
    counts.statements += statements.length / refreshes;
    // The order rotates, since the first one reads cold pages.
    const contestants = Object.values(contest);
    const inTurn = [...contestants.slice(commit % 4), ...contestants.slice(0, commit % 4)];
    for (const { run, times } of inTurn) {
      const { value, ms } = timed(() => run(statements));
      times.push(ms);
      counts.rows += value / contestants.length / refreshes;
    }
  }
  for (const each of [native, reader, subject]) each.close();
  return {
    ...counts,
    readerMs: medianOf(contest.reader.times),
    nativeMs: medianOf(contest.native.times),
    openedReaderMs: medianOf(contest.openedReader.times),
    openedNativeMs: medianOf(contest.openedNative.times),
  };
}

/** A way to read the rows, and its times in milliseconds. */
interface Contestant {
  readonly run: (statements: readonly Ran[]) => number;
  readonly times: number[];
}

function contestant(run: Contestant['run']): Contestant {
  return { run, times: [] };
}

/** Runs statements through otop's own reader of databases. */
class RowsReader {
  readonly #reader: ReturnType<typeof openDatabaseReader>;

  constructor(path: string, engine: SqlEngine) {
    this.#reader = openDatabaseReader(path, engine);
  }

  run(statements: readonly Ran[]): number {
    const outcome = this.#reader.read(
      (view) =>
        statements.reduce((rows, { sql, parameters }) => rows + view.select(sql, parameters).length, 0),
      { force: true },
    );
    if (outcome.kind !== 'read') throw new Error(`not read: ${JSON.stringify(outcome)}`);
    return outcome.value;
  }

  close(): void {
    this.#reader.close();
  }
}

function runOnce(reader: RowsReader | NativeReader, statements: readonly Ran[]): number {
  const rows = reader.run(statements);
  reader.close();
  return rows;
}
